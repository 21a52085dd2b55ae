"""A release is what leads from the template before to the one now: no statement too few, none too many."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.db.migrations import RunPython
from django.db.migrations.loader import MigrationLoader

from tenants.schema import apply, fingerprint, releases, replay, write
from tenants.schema.template import Template, current
from tests.architecture.tree import ROOT
from tests.support import plugin

FOLDER = ROOT / "tenants" / "schema" / "releases"
# Rules of squawk that do not fit a schema that one organization has for itself, and why.
EXCLUDED = {
    "require-timeout-settings": "the runner sets lock_timeout and statement_timeout in the same transaction",
    "require-concurrent-index-creation": "a table holds the rows of one organization; statement_timeout bounds it",
    "require-concurrent-index-deletion": "the same",
    "prefer-robust-stmts": "each release is one transaction an organization: it is there or it is not",
}


@pytest.fixture
def scratch(world: Any) -> Iterator[Any]:
    """A connection as the owning login, whose work is undone."""
    link = psycopg2.connect(plugin.owner["LMS_OWNER_DATABASE_URL"])
    yield link
    link.rollback()
    link.close()


def _made(link: Any, template: Template, schema: str) -> fingerprint.Schema:
    made = fingerprint.Schema(schema, f"r_{schema}")
    replay.create(link, template, schema=made.name, role=made.role)
    return made


def test_the_committed_template_is_where_the_newest_release_ends() -> None:
    newest = releases.newest()
    assert (current().release, current().sha256) == (newest.number, newest.to_template), (
        "The template has moved on without a release: run `make release NAME=...` and review what it wrote."
    )
    assert releases.previous_template().sha256 == newest.from_template


def test_the_template_before_and_the_release_make_the_template_now(scratch: Any) -> None:
    old = _made(scratch, releases.previous_template(), "t_scratch_old")
    new = _made(scratch, current(), "t_scratch_new")
    before = fingerprint.things(scratch, old)
    apply.apply(scratch, releases.newest(), schema=old.name, role=old.role)

    after = fingerprint.things(scratch, old)

    assert fingerprint.differences(fingerprint.things(scratch, new), after) == []
    assert fingerprint.differences(before, after) != []
    assert len(set(fingerprint.hashes(scratch, [old, new]).values())) == 1


@pytest.mark.parametrize(
    ("tampering", "said"),
    [
        ("ALTER TABLE {s}.accounts_member ADD COLUMN extra text", "beside: column accounts_member.extra"),
        ("ALTER TABLE {s}.accounts_member ALTER COLUMN name DROP NOT NULL", "otherwise: column accounts_member.name"),
        ("DROP TABLE {s}.courses_course CASCADE", "missing: table courses_course"),
        ("GRANT UPDATE ON {s}._tenant TO {r}", "otherwise: grant _tenant to tenant_template_role"),
        ("DROP TRIGGER {t} ON {s}.accounts_roleassignment", "missing: trigger accounts_roleassignment.{t}"),
        ("ALTER TABLE {s}.accounts_roleassignment DISABLE TRIGGER {t}", "otherwise: trigger accounts_role"),
        ("CREATE INDEX more ON {s}.accounts_member (id)", "beside: index more"),
    ],
)  # fmt: skip
def test_a_fingerprint_sees_what_is_otherwise(scratch: Any, tampering: str, said: str) -> None:
    whole = _made(scratch, current(), "t_scratch_whole")
    other = _made(scratch, current(), "t_scratch_other")
    expected = fingerprint.things(scratch, whole)
    assert fingerprint.things(scratch, other) == expected
    with scratch.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal",
            [f"{other.name}.accounts_roleassignment"],
        )
        trigger = cursor.fetchone()[0]
        cursor.execute(tampering.format(s=other.name, r=other.role, t=trigger))

    found = fingerprint.differences(expected, fingerprint.things(scratch, other))

    assert any(line.startswith(said.format(t=trigger)) for line in found), found
    assert len(set(fingerprint.hashes(scratch, [whole, other]).values())) == 2


def test_every_migration_of_the_template_is_covered_by_one_release() -> None:
    listed = [name for release in releases.releases() for name in release.migrations]
    assert [name for name in write.migrations() if name not in write.covered()] == [], "run `make release NAME=...`"
    assert len(listed) == len(set(listed))
    assert write.covered() <= set(write.migrations())


def test_a_migration_of_tables_rewrites_no_rows() -> None:
    """Rows are rewritten by a data step, in batches, when the tables have been changed for everybody."""
    loader = MigrationLoader(None)
    names = [name for release in releases.releases() for name in release.migrations]
    found = {name: loader.get_migration(*name.split(".", 1)).operations for name in names}
    assert [name for name, all_ in found.items() if any(isinstance(one, RunPython) for one in all_)] == []


def _squawk(path: Path) -> subprocess.CompletedProcess[str]:
    squawk = Path(sys.executable).with_name("squawk")
    argv = [squawk, "--pg-version=18", "--assume-in-transaction", *(f"--exclude={rule}" for rule in EXCLUDED), path]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("release", releases.releases(), ids=lambda release: f"{release.number:04}_{release.name}")
def test_the_sql_of_a_release_locks_nothing_for_long(release: releases.Release, tmp_path: Path) -> None:
    path = tmp_path / "release.sql"
    path.write_text(release.rendered(schema="t_aaaaaaaaaaaa", role="r_aaaaaaaaaaaa"))
    done = _squawk(path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE s.courses_course ALTER COLUMN title SET NOT NULL;",
        "ALTER TABLE s.courses_course RENAME COLUMN title TO name;",
        "ALTER TABLE s.courses_course ALTER COLUMN title TYPE text;",
        "ALTER TABLE s.courses_course ADD CONSTRAINT c CHECK (title <> '');",
    ],
)
def test_a_release_that_blocks_or_breaks_the_code_before_it_is_refused(statement: str, tmp_path: Path) -> None:
    path = tmp_path / "release.sql"
    path.write_text(statement + "\n")
    assert _squawk(path).returncode != 0


GOOD = (
    "-- release: 7\n-- from-template: a\n-- to-template: b\n-- migrations: courses.0004_x\n-- min-code: 6\nSELECT 1;\n"
)


def test_a_release_file_says_what_it_is() -> None:
    found = releases.read("0007_some_name.sql", GOOD)
    assert (found.number, found.name, found.migrations, found.min_code) == (7, "some_name", ("courses.0004_x",), 6)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("7_name.sql", GOOD),
        ("0008_name.sql", GOOD),
        ("0007_name.sql", GOOD.replace("-- min-code: 6\n", "")),
        ("0007_name.sql", GOOD.replace("release: 7", "release: seven")),
    ],
)
def test_a_release_file_that_does_not_say_it_is_refused(name: str, text: str) -> None:
    with pytest.raises(releases.BrokenRelease):
        releases.read(name, text)
