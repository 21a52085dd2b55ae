"""Two cells for tests: the run's own, ``local``, and another with a PostgreSQL of its own, ``north``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2

from tests.support import archivist, plugin
from tests.support.archivist import Archivist

NORTH, LOCAL = "north", "local"


@dataclass(frozen=True)
class Cells:
    """``local`` and ``north`` are their archivists, ``urls`` their owners' databases, ``stacks`` their settings."""

    local: Archivist
    north: Archivist
    urls: dict[str, str]
    stacks: dict[str, dict[str, str]]

    def ask(self, cell: str, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """One statement in the database of ``cell``, as its owner."""
        link = psycopg2.connect(self.urls[cell])
        try:
            with link, link.cursor() as cursor:
                cursor.execute(statement, values or None)
                return list(cursor.fetchall()) if cursor.description else []
        finally:
            link.close()


@contextmanager
def two(folder: Path) -> Iterator[Cells]:
    """Start the other cell and both archivists; each knows the other."""
    from devstack import embedded

    with embedded.running({"postgres"}, fsync=False) as other:
        north = {
            **{name: value for name, value in other.items() if "DATABASE_URL" in name},
            **other.owner,
            "LMS_CELL": NORTH,
        }
        for extra in (north, {}):
            _manage("prepare_database", "--verbosity=0", **extra)
            for known in (LOCAL, NORTH):
                _manage("add_cell", known, "--address=127.0.0.1:9", **extra)
        urls = {LOCAL: plugin.owner["LMS_OWNER_DATABASE_URL"], NORTH: other.owner["LMS_OWNER_DATABASE_URL"]}
        given = {cell: json.dumps({name: url for name, url in urls.items() if name != cell}) for cell in urls}
        with (
            archivist.running(folder / LOCAL, LMS_CELL_DATABASES=given[LOCAL]) as ours,
            # One object store for both: media stay where they are.
            archivist.running(
                folder / NORTH, **north, LMS_CELL_DATABASES=given[NORTH], LMS_S3_URL=ours.store_url
            ) as theirs,
        ):
            stacks = {LOCAL: {**plugin.stack, "LMS_CELL": LOCAL}, NORTH: {**plugin.stack, **north}}
            yield Cells(ours, theirs, urls, stacks)


def _manage(*arguments: str, **extra: str) -> None:
    done = plugin.run_as_owner(sys.executable, "manage.py", *arguments, **extra)
    assert done.returncode == 0, done.stdout + done.stderr
