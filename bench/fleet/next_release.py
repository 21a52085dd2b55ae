"""The next release of the product: a copy of this code whose organization schema has one more column.

It is made as a developer would make it: a migration, the template it leads to, and a release file that says the same.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.product import ROOT

COPIED = ("platform", "tenants", "apps", "manage.py")
TABLE, COLUMN = "courses_course", "bench_note"
MIGRATION = "bench_note"

_MIGRATION = """from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("courses", "{last}")]
    operations = [migrations.AddField("course", "{column}", models.TextField(null=True))]
"""
_RELEASE = """-- release: {number}
-- from-template: {before}
-- to-template: {after}
-- migrations: courses.{migration}
-- min-code: 1
ALTER TABLE tenant_template_schema.{table} ADD COLUMN {column} text;
"""


@contextlib.contextmanager
def checked_out() -> Iterator[Path]:
    """Yield the folder of the next release's code; it is removed at the end."""
    with tempfile.TemporaryDirectory(prefix="lms-next-release-") as name:
        folder = Path(name)
        for part in COPIED:
            source = ROOT / part
            if source.is_dir():
                shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__", "tests"))
            else:
                shutil.copy(source, folder / part)
        _add_migration(folder / "apps/courses/migrations")
        _add_release(folder / "tenants/schema")
        yield folder


def environment(folder: Path) -> dict[str, str]:
    """Return what makes Python take the product from ``folder``."""
    return {"PYTHONPATH": f"{folder}:{folder / 'platform'}"}


def _add_migration(migrations: Path) -> None:
    last = max(path.stem for path in migrations.glob("[0-9]*.py"))
    number = f"{int(last[:4]) + 1:04}"
    (migrations / f"{number}_{MIGRATION}.py").write_text(_MIGRATION.format(last=last, column=COLUMN))


def _add_release(schema: Path) -> None:
    template, releases = schema / "template.sql", schema / "releases"
    before = template.read_text(encoding="utf-8")
    head = f"CREATE TABLE tenant_template_schema.{TABLE} (\n"
    if head not in before:
        raise RuntimeError(f"the template makes no table {TABLE}")
    after = before.replace(head, f"{head}    {COLUMN} text,\n")
    number = max(int(path.name[:4]) for path in releases.glob("[0-9]*.sql")) + 1
    template.write_text(after, encoding="utf-8")
    (releases / "previous.sql").write_text(before, encoding="utf-8")
    text = _RELEASE.format(
        number=number,
        before=_sha256(before),
        after=_sha256(after),
        migration=_migration_name(schema),
        table=TABLE,
        column=COLUMN,
    )
    (releases / f"{number:04}_{MIGRATION}.sql").write_text(text, encoding="utf-8")


def _migration_name(schema: Path) -> str:
    found = list((schema.parents[1] / "apps/courses/migrations").glob(f"[0-9]*_{MIGRATION}.py"))
    return found[0].stem


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
