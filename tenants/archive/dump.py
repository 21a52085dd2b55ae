"""The rows of one instant into an archive: the organization's tables, what is sealed of them, and the shared ones."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from typing import Any

from tenants.archive import docs, manifest, ports, secrets
from tenants.archive.seal import Seals
from tenants.archive.snapshot import Snapshot, Table
from tenants.archive.stream import ArchiveWriter
from tenants.models import Organization

SEALED_ROWS = 500  # in one sealed piece
LENGTH_BYTES = 4  # before each sealed piece
_BEAT_ROWS = 512

Take = Callable[[bytes], None]


class Dump:
    """Writes tables one by one. ``note`` gets what the manifest says of each, ``progress`` bytes as they go."""

    def __init__(
        self,
        writer: ArchiveWriter,
        seals: Seals,
        *,
        note: Callable[[dict[str, Any]], None],
        progress: Callable[[int], None],
    ) -> None:
        self._writer, self._seals = writer, seals
        self._note, self._progress = note, progress

    def documents(self, organization: Organization, host: str, taken_at: str, tables: list[Table]) -> None:
        """What explains the rest, first in the file."""
        described = docs.schema([table for table in tables if table.name not in secrets.not_archived()])
        for name, content in (
            (manifest.README, docs.readme(organization, host, taken_at)),
            (manifest.SCHEMA, docs.schema_file(described)),
            (manifest.SCHEMA_WORDS, docs.schema_words(described)),
        ):
            self._note({"kind": "document", **self._file(name, partial(_at_once, content)), "rows": None})

    def tenant(self, instant: Snapshot, tables: list[Table], *, schema: str, role: str) -> None:
        """Every table of the organization's schema, read as its own role."""
        left_out, sealed = secrets.not_archived(), secrets.sealed()
        with instant.as_role(role, schema):
            for table in tables:
                if table.name in left_out:
                    continue
                hidden = [name for name in table.names() if name in sealed.get(table.name, ())]
                columns = [name for name in table.names() if name not in hidden]
                facts = self._file(f"tables/{table.name}.jsonl", partial(instant.rows, schema, table, columns))
                self._note({"kind": "table", "table": table.name, "columns": columns, "key": list(table.key), **facts})
                if hidden:
                    self._sealed(instant, schema, table, hidden)

    def shared(self, instant: Snapshot, organization: Organization) -> None:
        """The organization's rows of the shared tables, read as the platform."""
        known = {table.name: table for table in instant.tables("public")}
        with instant.as_role("r_platform", "public"):
            for shared in ports.shared_tables():
                table = known[shared.table]
                columns = [name for name in table.names() if name not in shared.left_out]
                where = f"organization_id = '{organization.id}' AND ({shared.where})"
                fill = partial(instant.rows, "public", table, columns, where=where)
                facts = self._file(f"shared/{shared.table}.jsonl", fill)
                entry = {"kind": "shared", "table": shared.table, "columns": columns, "returns": shared.returns}
                self._note({**entry, **facts})

    def _sealed(self, instant: Snapshot, schema: str, table: Table, hidden: list[str]) -> None:
        pieces = SealedPieces(self._seals, table.name)

        def fill(take: Take) -> None:
            instant.rows(schema, table, sealed_columns(table, hidden), lambda line: pieces.add(line, take))
            pieces.end(take)

        facts = self._file(f"sealed/{table.name}.bin", fill)
        entry = {"kind": "sealed", "table": table.name, "columns": hidden, "digest": pieces.digest.hexdigest()}
        self._note({**entry, **facts, "rows": pieces.rows})

    def _file(self, name: str, fill: Callable[[Take], None]) -> dict[str, Any]:
        """Write one file from whoever calls ``take``; return what the manifest says of it."""
        digest, size, rows, since = hashlib.sha256(), 0, 0, 0
        with self._writer.file(name, compressed=True) as file:

            def take(piece: bytes) -> None:
                nonlocal size, rows, since
                file.write(piece)
                digest.update(piece)
                size, rows, since = size + len(piece), rows + 1, since + len(piece)
                if rows % _BEAT_ROWS == 0:
                    self._progress(since)
                    since = 0

            fill(take)
        self._progress(since)
        return {"file": name, "bytes": size, "sha256": digest.hexdigest(), "rows": rows}


def _at_once(content: bytes, take: Take) -> None:
    take(content)


class SealedPieces:
    """Rows of credentials in pieces, each sealed to its table and place, each behind its length."""

    def __init__(self, seals: Seals, table: str) -> None:
        self._seals, self._table = seals, table
        self._lines: list[bytes] = []
        self._place = 0
        self.digest = seals.digest()
        self.rows = 0

    def add(self, line: bytes, take: Take) -> None:
        """Add a row; full pieces go to ``take``."""
        self.digest.update(line)
        self.rows += 1
        self._lines.append(line)
        if len(self._lines) >= SEALED_ROWS:
            self._pour(take)

    def end(self, take: Take) -> None:
        """Seal the last piece, empty or not: a file that was cut short is noticed."""
        self._pour(take)

    def _pour(self, take: Take) -> None:
        sealed = self._seals.close(b"".join(self._lines), table=self._table, place=self._place)
        take(len(sealed).to_bytes(LENGTH_BYTES, "big") + sealed)
        self._lines.clear()
        self._place += 1


def sealed_columns(table: Table, hidden: list[str]) -> list[str]:
    """Return the columns of a sealed row: the key, to find the row by, and what is hidden of it."""
    return [*table.key, *(name for name in hidden if name not in table.key)]
