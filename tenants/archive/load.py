"""Rows back into tables: a shadow schema of the current release, filled table by table, its keys put on at the end.

Everything here runs inside the caller's transaction, as the login that owns the schemas.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg2 import sql

from tenants.archive.errors import ArchiveRefused
from tenants.archive.manifest import SharedEntry, TableEntry
from tenants.archive.reader import Archive
from tenants.archive.snapshot import Column, Table, tables_of
from tenants.schema import replay
from tenants.schema.template import current

_FEED_BYTES = 1 << 20


class _Feed:
    """What COPY reads from: lines of JSON, with backslashes doubled as its text format wants them."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines

    def read(self, size: int = -1) -> bytes:
        found, held = [], 0
        for line in self._lines:
            found.append(line.replace(b"\\", b"\\\\"))
            held += len(line)
            if held >= _FEED_BYTES or 0 < size <= held:
                break
        return b"".join(line + b"\n" for line in found)


def build(schema: str, role: str, organization_id: UUID) -> list[list[str]]:
    """Make the shadow: the template's tables, stamped, without foreign keys and with triggers asleep.

    Returns the foreign keys as [table, name, definition]: they are put on when every row is there, and so checked.
    """
    replay.create_beside(connection, current(), schema=schema, role=role)
    replay.stamp(connection, schema=schema, organization_id=organization_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.conrelid::regclass::text, c.conname, pg_get_constraintdef(c.oid) FROM pg_constraint c"
            " WHERE c.contype = 'f' AND c.connamespace = %s::regnamespace ORDER BY c.conname",
            [schema],
        )
        keys = [list(row) for row in cursor.fetchall()]
        for table, name, _ in keys:
            # ``table`` comes from the catalogue, quoted where it must be.
            cursor.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(sql.SQL(table), sql.Identifier(name)))
        for found in tables(schema):
            cursor.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(schema, found.name)))
    return keys


def tables(schema: str) -> list[Table]:
    """Return the tables of a schema."""
    connection.ensure_connection()
    return tables_of(connection.connection, schema)


def check_fit(archive: Archive, shadow: list[Table]) -> None:
    """Hold the archive's tables against the release that is to take them.

    Raises:
        ArchiveRefused: a table or column is unknown here, or one that must have a value is not in the archive.
    """
    known = {table.name: table for table in shadow}
    for entry in archive.manifest.tables:
        table = known.get(entry.table)
        if table is None:
            raise ArchiveRefused(f"This release has no table {entry.table}.")
        _check_columns(entry.table, {*entry.columns, *entry.sealed_columns}, table.columns)


def _check_columns(name: str, given: set[str], there: tuple[Column, ...]) -> None:
    if unknown := given - {column.name for column in there}:
        raise ArchiveRefused(f"This release has no column {name}.{sorted(unknown)[0]}.")
    for column in there:
        if column.name not in given and not column.is_nullable and not column.has_default:
            raise ArchiveRefused(f"This release needs {name}.{column.name}, which the archive does not have.")


def load(archive: Archive, entry: TableEntry, schema: str) -> int:
    """Fill one table; return its rows."""
    columns = [*entry.columns, *(name for name in entry.sealed_columns if name not in entry.columns)]
    lines = archive.rows(entry.readable)
    if entry.sealed is not None:
        lines = _joined(lines, archive.sealed_rows(entry), entry.key)
    with connection.cursor() as cursor:
        _copy(cursor, lines)
        cursor.execute(
            sql.SQL("INSERT INTO {0} ({1}) SELECT {1} FROM archive_rows, json_populate_record(NULL::{0}, j)").format(
                sql.Identifier(schema, entry.table), _list(columns)
            )
        )
        rows = int(cursor.rowcount)
        for column in _counters(cursor, schema, entry.table):
            cursor.execute(
                sql.SQL(
                    "SELECT setval(pg_get_serial_sequence(%s, %s), GREATEST((SELECT max({}) FROM {}), 1), true)"
                ).format(sql.Identifier(column), sql.Identifier(schema, entry.table)),
                [f'"{schema}"."{entry.table}"', column],
            )
    return rows


def _joined(lines: Iterator[bytes], sealed: Iterator[bytes], key: tuple[str, ...]) -> Iterator[bytes]:
    """Put the sealed columns of each row beside the others: both come in the order of the key."""
    for line, secret in zip(lines, sealed, strict=True):
        row, hidden = json.loads(line), json.loads(secret)
        if any(row[name] != hidden[name] for name in key):
            raise ArchiveRefused("Sealed columns and rows do not belong together.")
        yield line[:-1] + b"," + secret[1:]


def _copy(cursor: Any, lines: Iterator[bytes]) -> None:
    cursor.execute("DROP TABLE IF EXISTS pg_temp.archive_rows")
    cursor.execute("CREATE TEMP TABLE archive_rows (j json) ON COMMIT DROP")
    cursor.copy_expert("COPY pg_temp.archive_rows (j) FROM STDIN", _Feed(lines))


def _counters(cursor: Any, schema: str, table: str) -> list[str]:
    cursor.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attidentity <> '' AND NOT attisdropped",
        [f'"{schema}"."{table}"'],
    )
    return [name for (name,) in cursor.fetchall()]


def put_key(table: str, name: str, definition: str, schema: str) -> None:
    """Put one foreign key on; every row is checked by it. Safe to repeat.

    Raises:
        django.db.IntegrityError: a row points at nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_constraint WHERE conname = %s AND connamespace = %s::regnamespace", [name, schema]
        )
        if not cursor.fetchone():
            cursor.execute(
                sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}").format(
                    sql.SQL(table), sql.Identifier(name), sql.SQL(definition)
                )
            )


def wake(schema: str) -> None:
    """Wake the triggers and let the planner know the tables."""
    with connection.cursor() as cursor:
        for found in tables(schema):
            cursor.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(sql.Identifier(schema, found.name)))
            cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(schema, found.name)))


def put_back(archive: Archive, entry: SharedEntry, organization_id: UUID) -> int:
    """Put the organization's rows of a shared table back by id; rows that the archive does not know stay.

    Raises:
        ArchiveRefused: a row is another organization's.
    """
    table = next(found for found in tables("public") if found.name == entry.table)
    _check_columns(entry.table, set(entry.columns), table.columns)
    target, others = sql.Identifier("public", entry.table), [name for name in entry.columns if name not in table.key]
    with connection.cursor() as cursor:
        _copy(cursor, archive.rows(entry.readable))
        cursor.execute(
            sql.SQL("SELECT count(*) FROM archive_rows WHERE (j->>'organization_id') IS DISTINCT FROM %s"),
            [str(organization_id)],
        )
        if cursor.fetchone()[0]:
            raise ArchiveRefused(f"{entry.table} holds rows of another organization.")
        cursor.execute(
            sql.SQL(
                "INSERT INTO {0} AS live ({1}) SELECT {1} FROM archive_rows, json_populate_record(NULL::{0}, j)"
                " ON CONFLICT ({2}) DO UPDATE SET {3} WHERE live.organization_id = %s"
            ).format(
                target,
                _list(list(entry.columns)),
                _list(list(table.key)),
                sql.SQL(", ").join(sql.SQL("{0} = EXCLUDED.{0}").format(sql.Identifier(name)) for name in others),
            ),
            [str(organization_id)],
        )
        rows = int(cursor.rowcount)
    if rows != entry.readable.rows:
        raise ArchiveRefused(f"{entry.table} holds an id that is another organization's.")
    return rows


def _list(names: list[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))
