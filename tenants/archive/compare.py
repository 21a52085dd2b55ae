"""What a restore would bring and take away, table by table, in numbers and in words. Nothing is changed by looking."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from django.db import connection
from psycopg2 import sql

from tenants.archive import snapshot
from tenants.archive.dump import sealed_columns
from tenants.archive.errors import ArchiveRefused
from tenants.archive.manifest import Manifest, TableEntry
from tenants.archive.seal import Seals
from tenants.archive.snapshot import Snapshot, Table


def digests(
    instant: Snapshot, table: Table, entry: TableEntry, schema: str, seals: Seals, beat: Callable[[], None]
) -> tuple[int, str, str]:
    """Return (rows, digest, digest of the sealed columns) of a table as its archive would have them."""
    digest, rows = hashlib.sha256(), 0

    def take(line: bytes) -> None:
        nonlocal rows
        digest.update(line)
        rows += 1
        if rows % 512 == 0:
            beat()

    instant.rows(schema, table, list(entry.columns), take)
    if entry.sealed is None:
        return rows, digest.hexdigest(), ""
    sealed = seals.digest()
    instant.rows(schema, table, sealed_columns(table, list(entry.sealed_columns)), sealed.update)
    fits = sealed.fits(entry.sealed_digest)
    return rows, digest.hexdigest(), entry.sealed_digest if fits else sealed.hexdigest()


def check(manifest: Manifest, schema: str, role: str, seals: Seals, beat: Callable[[], None]) -> None:
    """Hold what was loaded against the archive: the same rows, byte for byte, the sealed ones too.

    Raises:
        ArchiveRefused: a table differs.
    """
    with snapshot.take() as instant:
        known = {table.name: table for table in instant.tables(schema)}
        with instant.as_role(role, schema):
            for entry in manifest.tables:
                found = digests(instant, known[entry.table], entry, schema, seals, beat)
                if found != (entry.readable.rows, entry.readable.sha256, entry.sealed_digest):
                    raise ArchiveRefused(f"{entry.table} is not what was exported once it is loaded.")


def tables(manifest: Manifest, shadow: str, live: str, beat: Callable[[], None]) -> list[dict[str, Any]]:
    """Return, for each table of the archive, how it differs from the living one."""
    with snapshot.take() as instant:
        living = {table.name: table for table in instant.tables(live)}
    found = []
    for entry in manifest.tables:
        beat()
        held = entry.readable.rows or 0
        there = living.get(entry.table)
        if there is None or not entry.key:
            found.append(_line(entry.table, held, None, held, 0, 0))
            continue
        found.append(_line(entry.table, held, *_difference(entry, there.names(), shadow, live)))
    return found


def _difference(entry: TableEntry, there: list[str], shadow: str, live: str) -> tuple[int, int, int, int]:
    """Return (living rows, rows only in the archive, rows only in the living table, rows that differ).

    Rows differ in the columns that both have: the living table may be of another release.
    """
    columns = [name for name in (*entry.columns, *entry.sealed_columns) if name in there]
    key = sql.SQL(", ").join(map(sql.Identifier, entry.key))
    first = sql.Identifier(entry.key[0])
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "SELECT count(l.{first}), count(*) FILTER (WHERE l.{first} IS NULL),"
                " count(*) FILTER (WHERE s.{first} IS NULL),"
                " count(*) FILTER (WHERE l.{first} IS NOT NULL AND s.{first} IS NOT NULL"
                " AND ROW({ours})::text <> ROW({theirs})::text)"
                " FROM {shadow} s FULL JOIN {live} l USING ({key})"
            ).format(
                first=first,
                ours=sql.SQL(", ").join(sql.Identifier("s", name) for name in columns),
                theirs=sql.SQL(", ").join(sql.Identifier("l", name) for name in columns),
                key=key,
                shadow=sql.Identifier(shadow, entry.table),
                live=sql.Identifier(live, entry.table),
            )
        )
        living, only_there, only_here, differ = cursor.fetchone()
        return living, only_there, only_here, differ


def _line(table: str, held: int, living: int | None, back: int, away: int, changed: int) -> dict[str, Any]:
    return {
        "table": table,
        "archive_rows": held,
        "live_rows": living,
        "comes_back": back,
        "goes_away": away,
        "changes": changed,
        "same": not (back or away or changed),
        "words": _words(back, away, changed),
    }


def _words(back: int, away: int, changed: int) -> str:
    """Say a difference as a person would."""
    parts = []
    if back:
        parts.append(f"{_rows(back)} come{'s' if back == 1 else ''} back")
    if away:
        parts.append(f"{_rows(away)} made since then go{'es' if away == 1 else ''} away")
    if changed:
        parts.append(f"{_rows(changed)} return{'s' if changed == 1 else ''} to an earlier state")
    return ", ".join(parts) or "the same as now"


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
