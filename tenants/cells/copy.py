"""The copy: one snapshot of the source streamed into one transaction of the target, and the two compared.

Rows go from COPY to COPY through a pipe and are hashed on the way, in the order of their keys. The target has all of
them or nothing, and what it has is as frozen as the original: its stamp names the freeze that it was copied under.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable
from typing import Any

from psycopg2 import sql

from core.clock import now
from tenants.archive import snapshot
from tenants.archive.queue import Hold
from tenants.archive.snapshot import Snapshot, Table, tables_of
from tenants.cells import leave, shared
from tenants.cells.errors import CopyDiffers, MoveRefused
from tenants.lifecycle.rules import CLOSED
from tenants.models import Move, Organization
from tenants.schema import replay
from tenants.schema.template import current

# How far the end of each step is, in thousandths.
COPY_FROM, COPY_TO, VERIFY_TO = 150, 750, 950


def is_there(job: Move, link: Any) -> bool:
    """Return whether the target has the copy of this freeze."""
    with link.cursor() as cursor:
        cursor.execute("SELECT frozen_at FROM public.tenants_organization WHERE id = %s", [str(job.organization_id)])
        row = cursor.fetchone()
        cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [job.organization.schema_name])
        schema = cursor.fetchone()
    link.rollback()
    return bool(row and schema and job.frozen_at is not None and row[0] == job.frozen_at)


def copy(hold: Hold, link: Any) -> None:
    """Copy everything, unless that has been done."""
    job: Move = hold.job
    if job.copied_at is None or not job.digests or not is_there(job, link):
        Copy(hold, link).run()


class Copy:
    """One copy. Nothing of it is seen before its end."""

    def __init__(self, hold: Hold, link: Any) -> None:
        self._hold, self._link = hold, link
        self._job: Move = hold.job
        self._organization: Organization = hold.job.organization
        self._schema = self._organization.schema_name
        self._digests: dict[str, list[Any]] = {}
        self._bytes = 0
        self._size = 1

    def run(self) -> None:
        """Make room, make the schema, stream, put the keys back, stamp, commit."""
        link, job = self._link, self._job
        with link.cursor() as cursor:
            cursor.execute(leave.copy_lock(job.organization_id))
            _make_room(cursor, self._organization)
        with snapshot.take() as instant:
            tables = instant.tables(self._schema)
            self._size = max(1, sum(table.bytes for table in tables))
            self._shared(instant)
            replay.create(link, current(), schema=self._schema, role=self._organization.db_role)
            replay.stamp(link, schema=self._schema, organization_id=self._organization.id)
            keys = _sleep(link, self._schema)
            _fits(tables, tables_of(link, self._schema))
            for table in tables:
                self._table(instant, table)
            with link.cursor() as cursor:
                _sequences(instant, cursor, self._schema)
                _wake(cursor, self._schema, keys)
                self._settle(cursor)
        rows = sum(found[0] for found in self._digests.values())
        self._hold.write(
            digests=self._digests,
            tables=len(self._digests),
            rows=rows,
            bytes=self._bytes,
            progress_permille=COPY_TO,
        )
        link.commit()
        self._hold.write(copied_at=now())

    def _table(self, instant: Snapshot, table: Table) -> None:
        with self._link.cursor() as cursor:
            into = _copy_in(sql.Identifier(self._schema, table.name), table.names())
            self._digests[table.name] = self._stream(instant, self._schema, table, "true", cursor, into)

    def _shared(self, instant: Snapshot) -> None:
        known = {table.name: table for table in instant.tables("public")}
        for found in shared.moving(self._organization.id):
            table = known[found.table]
            target, staged = sql.Identifier("public", found.table), sql.Identifier("moving")
            with self._link.cursor() as cursor:
                cursor.execute(sql.SQL("CREATE TEMP TABLE {} (LIKE {}) ON COMMIT DROP").format(staged, target))
                into = _copy_in(staged, table.names())
                facts = self._stream(instant, "public", table, found.where, cursor, into)
                if not found.is_pointer and not found.overrides:
                    self._digests[f"shared:{found.table}"] = facts
                _take_in(cursor, target, staged, table, found)
                cursor.execute(sql.SQL("DROP TABLE pg_temp.{}").format(staged))

    def _stream(
        self, instant: Snapshot, schema: str, table: Table, where: str, cursor: Any, into: sql.Composable
    ) -> list[Any]:
        """Let one COPY feed the other; return [rows, digest]."""
        digest = hashlib.sha256()
        reads, writes = os.pipe()
        failed: list[BaseException] = []

        def send() -> None:
            try:
                with os.fdopen(writes, "wb") as out:
                    instant.copy_out(schema, table, out, where=where)
            except BaseException as error:  # noqa: BLE001 - told to whoever waits for the rows
                failed.append(error)

        sender = threading.Thread(target=send, name="move-copy", daemon=True)
        sender.start()
        try:
            with os.fdopen(reads, "rb") as source:
                cursor.copy_expert(into, _Tap(source, digest, self._beat))
        finally:
            sender.join()
        if failed:
            raise failed[0]
        return [cursor.rowcount, digest.hexdigest()]

    def _beat(self, size: int) -> None:
        self._bytes += size
        self._hold.beat(min(COPY_TO, COPY_FROM + (COPY_TO - COPY_FROM) * self._bytes // self._size))

    def _settle(self, cursor: Any) -> None:
        """Close the copy as the original is closed: frozen, and pointing to the source until the flip."""
        organization, job = self._organization, self._job
        cursor.execute(
            "UPDATE public.tenants_organization SET cell = %s, frozen_at = %s WHERE id = %s",
            [job.source, job.frozen_at, str(organization.id)],
        )
        cursor.execute(
            sql.SQL("UPDATE {} SET frozen_at = %s").format(sql.Identifier(self._schema, "_tenant")), [job.frozen_at]
        )
        if organization.state in CLOSED:
            cursor.execute(sql.SQL("REVOKE {} FROM lms_app").format(sql.Identifier(organization.db_role)))


class _Tap:
    """What COPY reads from: the pipe, with everything that passes hashed and counted."""

    def __init__(self, source: Any, digest: Any, count: Callable[[int], None]) -> None:
        self._source, self._digest, self._count = source, digest, count

    def read(self, size: int = 65536) -> bytes:
        piece: bytes = self._source.read(size)
        self._digest.update(piece)
        self._count(len(piece))
        return piece


def verify(hold: Hold, link: Any) -> None:
    """Read the copy as it stands in the target and hold every table against what the source sent.

    Raises:
        CopyDiffers: a table has other rows.
    """
    job: Move = hold.job
    if job.verified_at is not None:
        return
    instant = Snapshot(link)
    schema = job.organization.schema_name
    read = 0

    def beat(size: int) -> None:
        nonlocal read
        read += size
        hold.beat(min(VERIFY_TO, COPY_TO + (VERIFY_TO - COPY_TO) * read // max(1, job.bytes or 1)))

    conditions = {found.table: found.where for found in shared.moving(job.organization_id)}
    for where, tables in (("", instant.tables(schema)), ("shared:", instant.tables("public"))):
        for table in tables:
            name = f"{where}{table.name}"
            if name not in job.digests:
                continue
            counted = _Counted(beat)
            condition = conditions[table.name] if where else "true"
            rows = instant.copy_out("public" if where else schema, table, counted, where=condition)
            if [rows, counted.digest.hexdigest()] != job.digests[name]:
                link.rollback()
                hold.write(copied_at=None)
                raise CopyDiffers(
                    f"{name} has {rows} rows in {job.target}, {job.digests[name][0]} were sent, or others."
                )
    link.rollback()
    hold.write(verified_at=now(), progress_permille=VERIFY_TO)


class _Counted:
    """What COPY writes to when only the digest is wanted."""

    def __init__(self, beat: Callable[[int], None]) -> None:
        self.digest = hashlib.sha256()
        self._beat = beat

    def write(self, piece: bytes) -> int:
        self.digest.update(piece)
        self._beat(len(piece))
        return len(piece)


def _make_room(cursor: Any, organization: Organization) -> None:
    """Remove what an earlier try, or an earlier stay, left: nothing that is served."""
    cursor.execute(
        "SELECT cell, frozen_at FROM public.tenants_organization WHERE id = %s FOR UPDATE", [str(organization.id)]
    )
    row = cursor.fetchone()
    if row is not None and row[1] is None:
        raise MoveRefused("The other cell serves this organization: the two catalogues disagree.")
    leave.remove(cursor, organization)
    # For as long as this transaction lasts; the copy is frozen before anybody sees it.
    cursor.execute("UPDATE public.tenants_organization SET frozen_at = NULL WHERE id = %s", [str(organization.id)])
    cursor.execute("DELETE FROM public.tenants_domain WHERE organization_id = %s", [str(organization.id)])
    cursor.execute(
        # Whoever is dropping it there at this moment loses the job with the fence, and undoes what it removed.
        "UPDATE public.tenants_move SET state = 'dropped', dropped_at = now(), updated_at = now(),"
        " fence = fence + 1, lease_until = NULL"
        " WHERE organization_id = %s AND state IN ('moved', 'dropping')",
        [str(organization.id)],
    )


def _copy_in(target: sql.Composable, columns: list[str]) -> sql.Composable:
    return sql.SQL("COPY {} ({}) FROM STDIN").format(target, _list(columns))


def _take_in(cursor: Any, target: sql.Composable, staged: sql.Composable, table: Table, found: shared.Shared) -> None:
    """Move staged rows into their table. Only rows of the pointer may be there already."""
    values = [
        sql.SQL(found.overrides[name]) if name in found.overrides else sql.Identifier(name) for name in table.names()
    ]
    conflict: sql.Composable = sql.SQL("")
    if found.is_pointer and found.table == Organization._meta.db_table:
        # Frozen comes last, with everything else there.
        values = [
            sql.SQL("NULL") if name == "frozen_at" else value for name, value in zip(table.names(), values, strict=True)
        ]
        changed = [name for name in table.names() if name not in table.key]
        conflict = sql.SQL(" ON CONFLICT (id) DO UPDATE SET {}").format(
            sql.SQL(", ").join(sql.SQL("{0} = EXCLUDED.{0}").format(sql.Identifier(name)) for name in changed)
        )
    elif found.is_pointer:
        conflict = sql.SQL(" ON CONFLICT (id) DO NOTHING")
    cursor.execute(
        sql.SQL("INSERT INTO {} ({}) SELECT {} FROM pg_temp.{}{}").format(
            target, _list(table.names()), sql.SQL(", ").join(values), staged, conflict
        )
    )


def _sleep(link: Any, schema: str) -> list[tuple[str, str, str]]:
    """Take the foreign keys off and let triggers sleep; return the keys as (table, name, definition)."""
    with link.cursor() as cursor:
        cursor.execute(
            "SELECT t.relname, c.conname, pg_get_constraintdef(c.oid) FROM pg_constraint c"
            " JOIN pg_class t ON t.oid = c.conrelid"
            " WHERE c.contype = 'f' AND c.connamespace = %s::regnamespace ORDER BY t.relname, c.conname",
            [schema],
        )
        keys = list(cursor.fetchall())
        for table, name, _ in keys:
            cursor.execute(
                sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(sql.Identifier(schema, table), sql.Identifier(name))
            )
        for found in tables_of(link, schema):
            cursor.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(schema, found.name)))
    return keys


def _wake(cursor: Any, schema: str, keys: list[tuple[str, str, str]]) -> None:
    """Put the keys back, each checking every row, and wake the triggers."""
    tables: dict[str, list[sql.Composable]] = {}
    for table, name, definition in keys:
        clause = sql.SQL("ADD CONSTRAINT {} {}").format(sql.Identifier(name), sql.SQL(definition))
        tables.setdefault(table, []).append(clause)
    for table, clauses in tables.items():
        cursor.execute(sql.SQL("ALTER TABLE {} {}").format(sql.Identifier(schema, table), sql.SQL(", ").join(clauses)))
    for found in tables_of(cursor.connection, schema):
        cursor.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(sql.Identifier(schema, found.name)))
        cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(schema, found.name)))


def _sequences(instant: Snapshot, cursor: Any, schema: str) -> None:
    for name, value in instant.counters(schema):
        cursor.execute("SELECT setval(%s::regclass, %s, true)", [f'"{schema}"."{name}"', value])


def _fits(ours: list[Table], theirs: list[Table]) -> None:
    if [(table.name, table.columns, table.key) for table in ours] != [
        (table.name, table.columns, table.key) for table in theirs
    ]:
        raise MoveRefused("Its schema is not what its release says: check it for drift, and migrate it.")


def _list(names: list[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))
