"""One instant of one organization: every read sees the same moment, as the organization's own role.

The rows come by COPY as JSON, a line each, in the order of their primary key; nothing is held but one row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg2
from django.db import connection
from psycopg2 import sql

STAMP = "_tenant"


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the database has it."""

    name: str
    type: str
    is_nullable: bool
    has_default: bool


@dataclass(frozen=True, slots=True)
class Table:
    """A table as the database has it. Generated columns are not among ``columns``: the database makes them again."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    bytes: int = 0

    def names(self) -> list[str]:
        return [column.name for column in self.columns]


class _Lines:
    """What COPY writes to: a row a call, as bytes with backslashes doubled."""

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self._take = take

    def write(self, row: bytes) -> int:
        # JSON escapes control characters, so a backslash is all that COPY's text format escapes here.
        self._take(row.replace(b"\\\\", b"\\"))
        return len(row)


class Snapshot:
    """Reads of one instant, through one connection of its own."""

    def __init__(self, link: Any) -> None:
        self._link = link

    def taken_at(self) -> datetime:
        """Return the instant that everything here shows."""
        return self._one("SELECT transaction_timestamp()")[0]

    def tables(self, schema: str) -> list[Table]:
        """Return the tables of a schema but its stamp, by name."""
        return tables_of(self._link, schema)

    @contextmanager
    def as_role(self, role: str, schema: str) -> Iterator[None]:
        """Read as ``role``: what it may not see is not in an archive either."""
        self._run(sql.SQL("SET LOCAL ROLE {}; SET LOCAL search_path = {}, ext").format(_id(role), _id(schema)))
        try:
            yield
        finally:
            if not self._link.closed:
                self._run(sql.SQL("RESET ROLE"))

    def rows(
        self, schema: str, table: Table, columns: list[str], take: Callable[[bytes], None], *, where: str = "true"
    ) -> None:
        """Hand every row to ``take``, a line of JSON each. ``where`` is SQL of ours."""
        order = table.key or tuple(table.names())
        query = sql.SQL(
            "COPY (SELECT row_to_json(r)::text FROM (SELECT {} FROM {}.{} WHERE {} ORDER BY {}) r) TO STDOUT"
        ).format(
            sql.SQL(", ").join(map(_id, columns)),
            _id(schema),
            _id(table.name),
            sql.SQL(where),
            sql.SQL(", ").join(map(_id, order)),
        )
        with self._link.cursor() as cursor:
            cursor.copy_expert(query, _Lines(take))

    def copy_out(self, schema: str, table: Table, out: Any, *, where: str = "true") -> int:
        """Write every row to ``out`` as COPY's text, by its key; return how many. ``where`` is SQL of ours."""
        order = table.key or tuple(table.names())
        query = sql.SQL("COPY (SELECT {} FROM {}.{} WHERE {} ORDER BY {}) TO STDOUT").format(
            sql.SQL(", ").join(map(_id, table.names())),
            _id(schema),
            _id(table.name),
            sql.SQL(where),
            sql.SQL(", ").join(map(_id, order)),
        )
        with self._link.cursor() as cursor:
            cursor.copy_expert(query, out)
            return int(cursor.rowcount)

    def counters(self, schema: str) -> list[tuple[str, int]]:
        """Return the sequences that have been used, with their last values. They are of now, not of the instant."""
        with self._link.cursor() as cursor:
            cursor.execute(
                "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = %s AND last_value IS NOT NULL",
                [schema],
            )
            return list(cursor.fetchall())

    def _run(self, statement: sql.Composable) -> None:
        with self._link.cursor() as cursor:
            cursor.execute(statement)

    def _one(self, statement: str) -> Any:
        with self._link.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone()


@contextmanager
def take() -> Iterator[Snapshot]:
    """Open a snapshot. It holds back vacuum as long as it is open: read, and leave.

    A connection of its own, since the job's row is written beside it while it reads.
    """
    parameters = connection.get_connection_params()
    parameters.pop("cursor_factory", None)
    link = psycopg2.connect(**parameters)
    try:
        link.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with link.cursor() as cursor:
            # The same rows give the same bytes, wherever and whenever they are read.
            cursor.execute("SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL bytea_output = hex")
            cursor.execute("SET LOCAL intervalstyle = iso_8601; SET LOCAL extra_float_digits = 1")
            cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL row_security = on")
        yield Snapshot(link)
    finally:
        link.close()


def tables_of(link: Any, schema: str) -> list[Table]:
    """Return the tables of ``schema`` but its stamp, by name, through a psycopg2 connection."""
    with link.cursor() as cursor:
        cursor.execute(
            """
            SELECT c.relname, pg_table_size(c.oid),
                   array_agg(a.attname::text ORDER BY a.attnum),
                   array_agg(format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum),
                   array_agg(NOT a.attnotnull ORDER BY a.attnum),
                   array_agg(a.atthasdef OR a.attidentity <> '' ORDER BY a.attnum),
                   (SELECT array_agg(k.attname::text ORDER BY array_position(i.indkey::int2[], k.attnum))
                      FROM pg_index i JOIN pg_attribute k ON k.attrelid = c.oid AND k.attnum = ANY (i.indkey)
                     WHERE i.indrelid = c.oid AND i.indisprimary)
              FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
             WHERE n.nspname = %s AND c.relkind = 'r' AND c.relname <> %s
             GROUP BY c.oid, c.relname ORDER BY c.relname COLLATE "C"
            """,
            [schema, STAMP],
        )
        return [
            Table(name, tuple(map(Column, *columns)), tuple(key or ()), size)
            for name, size, *columns, key in cursor.fetchall()
        ]


def _id(name: str) -> sql.Identifier:
    return sql.Identifier(name)
