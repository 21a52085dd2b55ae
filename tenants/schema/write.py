"""Write the next release from the migrations that no release covers yet, where code is made, for review by hand."""

from __future__ import annotations

import hashlib
import io
import re
from dataclasses import dataclass
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

import tenancy
from tenants.schema import build, releases, replay
from tenants.schema.template import ROLE_TOKEN, SCHEMA_TOKEN, Template, current

FOLDER = Path(releases.__file__).parent
FIRST_FILE = FOLDER / "first.txt"
PREVIOUS_FILE = FOLDER / "previous.sql"
_HEADER = """-- release: {number}
-- from-template: {before}
-- to-template: {after}
-- migrations: {migrations}
-- min-code: {min_code}
"""


class NothingNew(RuntimeError):
    """The migrations make the template that is committed."""


class TemplateMovedOn(RuntimeError):
    """The committed template is not where the newest release ends, so nobody can say what the next one begins with."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was written, and what no SQL can be written for."""

    path: Path
    migrations: list[str]
    by_hand: list[str]


def migrations() -> list[str]:
    """Return every migration that makes an organization's schema, as ``app.name``, in the order in which they run."""
    loader = MigrationLoader(None)
    labels = {apps.get_app_config(name.rsplit(".", 1)[-1]).label for name in settings.TENANT_APPS}
    ordered: dict[tuple[str, str], None] = {}
    for leaf in sorted(loader.graph.leaf_nodes()):
        ordered.update(dict.fromkeys(loader.graph.forwards_plan(leaf)))
    return [f"{app}.{name}" for app, name in ordered if app in labels]


def covered() -> set[str]:
    """Return the migrations that the first template held, and those that a release covers."""
    first = FIRST_FILE.read_text(encoding="utf-8").split()
    return {*first, *(name for release in releases.releases() for name in release.migrations)}


def write(name: str) -> Written:
    """Write the release ``name``, the template that it ends at and the one that it begins with.

    Writing the newest release again keeps its SQL, and adds that of migrations which came since.

    Raises:
        NothingNew: there is nothing to release. TemplateMovedOn: the committed template belongs to no release.
    """
    newest, before = releases.newest(), current()
    again = newest.name == name
    if again:
        before = releases.previous_template()
    elif before.sha256 != newest.to_template:
        raise TemplateMovedOn(
            "template.sql is not where the newest release ends. Take it back from the last commit, then write again."
        )
    built = build.build()
    known = covered()
    new = [found for found in migrations() if found not in known]
    after = hashlib.sha256(built.encode()).hexdigest()
    if after == (newest.to_template if again else before.sha256) and not new:
        raise NothingNew
    sql, by_hand = _sql(new, before)
    number = before.release + 1
    listed = [*(newest.migrations if again else ()), *new]
    kept = "".join(line for line in newest.sql.splitlines(keepends=True) if not _is_header(line)) if again else ""
    path = FOLDER / f"{number:04}_{name}.sql"
    header = _HEADER.format(
        number=number,
        before=before.sha256,
        after=after,
        migrations=", ".join(listed) or "none",
        min_code=newest.min_code if again else before.release,
    )
    PREVIOUS_FILE.write_text(before.sql, encoding="utf-8")
    build.TEMPLATE_FILE.write_text(built, encoding="utf-8")
    path.write_text(header + kept + sql + _grants(built, before.sql), encoding="utf-8")
    return Written(path, new, by_hand)


def _is_header(line: str) -> bool:
    return bool(re.match(r"-- (release|from-template|to-template|migrations|min-code): ", line))


def _sql(new: list[str], before: Template) -> tuple[str, list[str]]:
    """Return the SQL of migrations, against the schema that they find; and those that hold more than SQL."""
    lines, by_hand = [], []
    with tenancy.schema_owner(SCHEMA_TOKEN), transaction.atomic():
        replay.create(connection, before, schema=SCHEMA_TOKEN, role=ROLE_TOKEN)
        for found in new:
            out = io.StringIO()
            call_command("sqlmigrate", *found.split(".", 1), stdout=out, no_color=True)
            text = out.getvalue()
            if "CANNOT BE WRITTEN AS SQL" in text:
                by_hand.append(found)
            lines += [f"-- {found}", *(line for line in text.splitlines() if line.strip() not in ("BEGIN;", "COMMIT;"))]
        transaction.set_rollback(True)
    return "".join(f"{line}\n" for line in lines if line.strip() not in ("", "--")), by_hand


def _grants(after: str, before: str) -> str:
    """Return the grants of tables that are new, and whatever else is granted or revoked that was not."""
    made = [
        table
        for table in re.findall(rf"^CREATE TABLE {SCHEMA_TOKEN}\.(\S+) \($", after, re.M)
        if f"CREATE TABLE {SCHEMA_TOKEN}.{table} (" not in before
    ]
    lines = [f"GRANT SELECT, INSERT, UPDATE, DELETE ON {SCHEMA_TOKEN}.{table} TO {ROLE_TOKEN};" for table in made]
    known = set(before.splitlines())
    # The template's one grant on all tables reads otherwise with each table that comes.
    of_one = re.compile(r"(GRANT|REVOKE) [^;]* ON (SCHEMA )?[^, ]+ (TO|FROM) [^,;]+;")
    lines += [line for line in after.splitlines() if of_one.fullmatch(line) and line not in known]
    return "".join(f"{line}\n" for line in lines)
