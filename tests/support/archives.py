"""The archivist's process for tests: makes schools, and exports, restores and deletes them, or dies in the middle.

Run as the owning login. One JSON command a line on standard input, one JSON answer a line: ``{"do": "export", …}``.
With ``"die": ["sql" | "store", n]`` the command runs in a child that SIGKILL ends at its n-th statement or call of the
object store, counted from the beginning of the work; the answer is ``{"killed": true}``, or the count of either where
it lived.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import django

_counts = {"sql": 0, "store": 0}


def main() -> None:
    django.setup()
    for line in sys.stdin:
        command = json.loads(line)
        print(json.dumps(_answer(command), default=str), flush=True)


def _answer(command: dict[str, Any]) -> dict[str, Any]:
    if "die" not in command:
        try:
            return {"result": _do(command)}
        except Exception:  # noqa: BLE001 - the test reads it
            return {"error": traceback.format_exc()}  # noqa: TID251 - a test's own
    from media.aws import s3

    reads, writes = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reads)
        s3.object_store.cache_clear()  # the parent's sockets are the parent's
        _die_at(*command["die"])
        with os.fdopen(writes, "w") as out:
            try:
                json.dump({"result": _do(command), "counts": _counts}, out, default=str)
            except Exception:  # noqa: BLE001 - the test reads it
                json.dump({"error": traceback.format_exc()}, out)  # noqa: TID251 - a test's own
        os._exit(0)
    os.close(writes)
    with os.fdopen(reads) as source:
        said = source.read()
    _, status = os.waitpid(pid, 0)
    return {"killed": True} if os.WIFSIGNALED(status) else json.loads(said)


def _die_at(kind: str, number: int) -> None:
    """Count statements of every connection and calls of the store; end at the ``number``-th of ``kind``.

    How often a job says that it lives depends on the clock: that is not counted, so that each run counts the same.
    """
    from django.db.backends.signals import connection_created

    from media.aws.s3 import S3Store
    from tenants.archive import queue, snapshot

    def tick(what: str) -> None:
        _counts[what] += 1
        if what == kind and _counts[what] == number:
            os.kill(os.getpid(), signal.SIGKILL)

    def counting(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        if not beats:
            tick("sql")
        return result

    beats: list[object] = []
    original_beat = queue.Hold.beat

    def beat(self: Any, *arguments: Any) -> None:
        beats.append(self)
        try:
            original_beat(self, *arguments)
        finally:
            beats.pop()

    queue.Hold.beat = beat  # type: ignore[method-assign]

    def wrap(connection: Any, **_: Any) -> None:
        connection.execute_wrappers.append(counting)

    connection_created.connect(wrap, weak=False)
    _die_in_moves(tick)
    original_rows = snapshot.Snapshot.rows

    def rows(self: Any, *arguments: Any, **named: Any) -> None:
        # In the middle of a table, not between two.
        *before, take = arguments
        seen = [0]

        def taking(line: bytes) -> None:
            take(line)
            seen[0] += 1
            if seen[0] == 2:
                tick("sql")

        original_rows(self, *before, taking, **named)

    snapshot.Snapshot.rows = rows  # type: ignore[method-assign]
    for name in ("begin_upload", "put_part", "put_bytes", "complete_upload", "delete", "delete_prefix", "abort_upload"):
        _count_calls(S3Store, name, tick)


def _die_in_moves(tick: Callable[[str], None]) -> None:
    """Count what a mover says to the other cell too: statements, commits, and rows in the middle of a stream."""
    import psycopg2
    from psycopg2 import extensions

    from tenants.cells import copy, link

    class Cursor(extensions.cursor):
        def execute(self, *arguments: Any) -> None:
            super().execute(*arguments)
            tick("sql")

        def copy_expert(self, *arguments: Any) -> None:
            super().copy_expert(*arguments)
            tick("sql")

    class Connection(extensions.connection):
        def cursor(self, *arguments: Any, **named: Any) -> Any:
            return super().cursor(*arguments, cursor_factory=Cursor, **named)

        def commit(self) -> None:
            super().commit()
            tick("sql")

    class Psycopg2:
        OperationalError, InterfaceError = psycopg2.OperationalError, psycopg2.InterfaceError

        @staticmethod
        def connect(url: str, **named: Any) -> Any:
            return psycopg2.connect(url, connection_factory=Connection, **named)

    link.psycopg2 = Psycopg2  # type: ignore[assignment]
    read = copy._Tap.read

    def reading(self: Any, size: int = 65536) -> bytes:
        piece = read(self, min(size, 1024))
        tick("sql")
        return piece

    copy._Tap.read = reading  # type: ignore[method-assign]


def _count_calls(owner: Any, name: str, tick: Callable[[str], None]) -> None:
    original = getattr(owner, name)

    def counted(self: Any, *arguments: Any, **named: Any) -> Any:
        result = original(self, *arguments, **named)
        tick("store")
        return result

    setattr(owner, name, counted)


def _do(command: dict[str, Any]) -> Any:
    from django.db import connection

    try:
        arguments = {name: command[name] for name in command if name not in ("do", "die")}
        return globals()[f"do_{command['do']}"](**arguments)
    finally:
        connection.close()  # a child must not inherit it


# -- what can be asked -------------------------------------------------------------------------------------------------


def do_school(slug: str, **size: int) -> str:
    """A new organization, filled; returns its id."""
    import tenancy
    from core.objects import object_store
    from tenants.catalog import load
    from tests.support import organizations, school

    object_store().ensure_bucket()
    made = organizations.make(slug, f"{slug.title()} School", f"owner@{slug}.example", "Olga Owner")
    with tenancy.bind(load(UUID(made))):
        school.fill(**{"learners": 6, "courses": 1, "lessons": 2, "events": 40, **size})
    return made


def do_sql(organization: str, statement: str) -> Any:
    """One statement in the organization's schema, as its owner."""
    from django.db import connection

    import tenancy
    from tenants.catalog import load

    with tenancy.schema_owner(load(UUID(organization)).schema_name), connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else cursor.rowcount


def do_shared(statement: str) -> Any:
    """One statement in the shared schema."""
    from django.db import connection

    import tenancy

    with tenancy.schema_owner(), connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else cursor.rowcount


def do_small_parts(size: int) -> None:
    """Let archives go up in parts of the smallest size that a store takes."""
    from tenants.archive import export

    export.part_bytes_for = lambda total: size  # type: ignore[assignment]


def do_export(organization: str, job: str = "", origin: str = "owner") -> dict[str, Any]:
    """Ask for an export (or go on with ``job``) and work on it once."""
    import tenancy
    from tenants.archive import services, workers
    from tenants.models import ExportJob

    with tenancy.platform():
        found = job or str(services.ask_export(UUID(organization), origin=origin)[0].id)
        workers.run("export", UUID(found))
        return _described(ExportJob.objects.get(id=found))


def do_restore(organization: str, archive: str = "", job: str = "") -> dict[str, Any]:
    """Ask for a restore (or go on with ``job``) and work on it once."""
    import tenancy
    from tenants.archive import services, workers
    from tenants.models import RestoreJob

    with tenancy.platform():
        found = job or str(services.ask_restore(UUID(organization), UUID(archive), reason="test").id)
        workers.run("restore", UUID(found))
        return _described(RestoreJob.objects.get(id=found))


def do_ask(what: str, job: str) -> dict[str, Any]:
    """Ask for a swap or a discard; nothing is worked on."""
    import tenancy
    from tenants.archive import services

    with tenancy.platform():
        return _described(getattr(services, f"ask_{what}")(UUID(job), reason="test"))


def do_delete(organization: str) -> dict[str, Any]:
    """Ask for the deletion as the lifecycle does, and work on it once."""
    import tenancy
    from tenants.archive import deletion, workers
    from tenants.models import DeletionReport

    with tenancy.platform():
        deletion.ask(UUID(organization))
        report = DeletionReport.objects.get(organization_id=organization)
        workers.run("deletion", report.id)
        return _described(DeletionReport.objects.get(id=report.id))


def do_move(organization: str, target: str, job: str = "") -> dict[str, Any]:
    """Ask for a move (or go on with ``job``) and work on it once."""
    import tenancy
    from tenants.cells import moves, work
    from tenants.models import Move

    stages: dict[str, int] = {}
    with tenancy.platform():
        found = job or str(moves.ask(UUID(organization), target, reason="test", hand_over=False).id)
        work.run(UUID(found), lambda stage: stages.setdefault(stage, _counts["sql"]))
        return {**_described(Move.objects.get(id=found)), "stages": stages}


def do_move_to(organization: str, target: str, stage: str) -> dict[str, Any]:
    """Ask for a move and stop it in front of ``stage``: what a worker that dies there leaves."""
    import tenancy
    from tenants.cells import moves, work
    from tenants.models import Move

    class Stopped(BaseException):
        pass

    def say(found: str) -> None:
        if found == stage:
            raise Stopped

    with tenancy.platform():
        job = moves.ask(UUID(organization), target, reason="test", hand_over=False)
        try:
            work.run(job.id, say)
        except Stopped:
            Move.objects.filter(id=job.id).update(lease_until=None)
        return _described(Move.objects.get(id=job.id))


def do_overtaken(organization: str, target: str) -> dict[str, Any]:
    """Move it with a worker that is held up at its first wall; the move is given up meanwhile; the worker goes on."""
    import tenancy
    from tenants.cells import freeze, moves, work
    from tenants.models import Move

    patiently = freeze._patiently
    given_up: list[Any] = []

    def held_up(hold: Any, statement: str, what: str) -> None:
        if not given_up:
            given_up.append(moves.abort(UUID(organization), reason="test", hand_over=False))
            work.run(hold.job.id)
        patiently(hold, statement, what)

    freeze._patiently = held_up
    try:
        with tenancy.platform():
            job = moves.ask(UUID(organization), target, reason="test", hand_over=False)
            work.run(job.id)
            return _described(Move.objects.get(id=job.id))
    finally:
        freeze._patiently = patiently


def do_late_copy(organization: str, target: str) -> dict[str, Any]:
    """Move it with a worker that is about to commit the copy; the move is given up just then; the worker commits."""
    import threading

    import psycopg2
    from django.conf import settings
    from django.db import connection

    import tenancy
    from tenants.archive.queue import Hold
    from tenants.cells import moves, work
    from tenants.models import Move

    write, given_up = Hold.write, threading.Event()

    def abort(job_id: UUID) -> None:
        try:
            with tenancy.platform():
                moves.abort(UUID(organization), reason="test", hand_over=False)
                work.run(job_id)
        finally:
            given_up.set()
            connection.close()

    def last_write(hold: Hold, **changes: Any) -> None:
        write(hold, **changes)
        if changes.get("digests"):
            threading.Thread(target=abort, args=(hold.job.id,), name="abort").start()
            _until_waited_for(psycopg2.connect(settings.CELL_DATABASES[target]), given_up)

    Hold.write = last_write  # type: ignore[method-assign]
    try:
        with tenancy.platform():
            job = moves.ask(UUID(organization), target, reason="test", hand_over=False)
            work.run(job.id)
            given_up.wait(60)
            return _described(Move.objects.get(id=job.id))
    finally:
        Hold.write = write  # type: ignore[method-assign]


def _until_waited_for(link: Any, over: Any) -> None:
    """Wait until somebody waits for an advisory lock in the database of ``link``, or ``over`` is set."""
    link.autocommit = True
    with link.cursor() as cursor:
        while not over.wait(0.05):
            cursor.execute("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            if cursor.fetchone():
                break
    link.close()


def do_move_ask(what: str, organization: str) -> dict[str, Any]:
    """Give a move up (``abort``) or let go of what one left (``drop_now``), and work on it once."""
    import tenancy
    from tenants.cells import moves, work
    from tenants.models import Move

    with tenancy.platform():
        arguments = {"reason": "test"} if what == "abort" else {}
        job = getattr(moves, what)(UUID(organization), hand_over=False, **arguments)
        work.run(job.id)
        return _described(Move.objects.get(id=job.id))


def do_want_final_export(organization: str) -> None:
    """Ask for a last archive before a deletion."""
    import tenancy
    from tenants.archive import deletion

    with tenancy.platform():
        deletion.want_final_export(UUID(organization))


def do_rest(kind: str, job: str) -> None:
    """Let a lease run out and a pause be over: what time would do."""
    import tenancy
    from tenants.archive.queue import KINDS

    model: Any = KINDS[kind]
    with tenancy.platform():
        model.objects.filter(id=job).update(lease_until=None, attempts=0, run_at="2020-01-01T00:00:00Z")


def do_digests(organization: str) -> dict[str, Any]:
    """Rows and digest of every table, of the shared rows, and of every object."""
    from core.objects import object_store
    from tenants.archive import ports, secrets, snapshot
    from tenants.catalog import load

    record = load(UUID(organization))
    found: dict[str, Any] = {}
    with snapshot.take() as instant:
        for table in instant.tables(record.schema_name):
            if table.name not in secrets.not_archived():
                found[table.name] = _digest(partial(instant.rows, record.schema_name, table, table.names()))
        known = {table.name: table for table in instant.tables("public")}
        for shared in ports.shared_tables():
            where = f"organization_id = '{organization}'"
            table = known[shared.table]
            read = partial(instant.rows, "public", table, table.names(), where=where)
            found[f"shared:{shared.table}"] = _digest(read)
    for prefix in (f"t/{organization}/", f"p/{organization}/"):
        for stored in object_store().list(prefix):
            if not stored.key.startswith(f"t/{organization}/x/"):
                found[f"object:{stored.key}"] = hashlib.sha256(object_store().read(stored.key)).hexdigest()
    return found


def _digest(read: Callable[[Callable[[bytes], None]], None]) -> list[Any]:
    digest, rows = hashlib.sha256(), [0]

    def take(line: bytes) -> None:
        digest.update(line)
        rows[0] += 1

    read(take)
    return [rows[0], digest.hexdigest()]


def do_fetch(job: str, path: str) -> None:
    """Write an archive to a file."""
    from pathlib import Path

    import tenancy
    from core.objects import object_store
    from tenants.models import ExportJob

    with tenancy.platform():
        key = ExportJob.objects.get(id=job).object_key
    Path(path).write_bytes(object_store().read(key))


def do_bring(organization: str, path: str) -> str:
    """Take an archive in from a file."""
    from pathlib import Path

    import tenancy
    from tenants.archive import services

    with tenancy.platform():
        return str(services.bring(UUID(organization), Path(path)).id)


def do_memory() -> float:
    """The most memory that this process ever held, in MiB."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def do_verify(job: str) -> dict[str, str]:
    """Read every byte of an archive; return the digests of its tables, and of its list of media."""
    import tenancy
    from core.objects import object_store
    from tenants.archive.reader import open_archive
    from tenants.models import ExportJob

    with tenancy.platform():
        found = ExportJob.objects.get(id=job)
    with open_archive(object_store(), found.object_key, found.organization_id) as archive:
        archive.verify(lambda size: None)
        for line in archive.objects():
            for _ in archive.object_pieces(line):
                pass
        digests = {entry.table: entry.readable.sha256 for entry in archive.manifest.tables}
        return {**digests, "objects": archive.manifest.objects.sha256}


def do_cache(entries: dict[str, str]) -> None:
    """Put something into Redis."""
    from tenants.archive import traces

    traces.cache().mset(entries)


def do_cached(keys: list[str]) -> int:
    """How many of these keys there are."""
    from tenants.archive import traces

    return int(traces.cache().exists(*keys))


def do_queue(queue: str, message: str) -> None:
    """Put a message into a queue of the workers."""
    from tenants.archive import traces

    traces.cache().lpush(queue, message)


def do_queued(queue: str) -> list[str]:
    """The messages of a queue."""
    from tenants.archive import traces

    return [member.decode() for member in traces.cache().lrange(queue, 0, -1)]


def do_unfinished(key: str) -> str:
    """Begin an upload that nobody completes."""
    from core.objects import object_store

    return object_store().begin_upload(key, content_type="video/mp4")


def do_traces(organization: str, hosts: list[str], words: list[str]) -> dict[str, Any]:
    """Search for what is left of an organization."""
    import tenancy
    from tenants.archive import traces
    from tenants.models import Organization

    with tenancy.platform():
        found = Organization.objects.get(id=organization)
        needles = traces.Needles(found.id, found.schema_name, found.db_role, tuple(hosts), tuple(words))
        return traces.search(needles)


def do_erase(organization: str, email: str) -> str:
    """Erase a member as the product does, ledger and all; returns their id."""
    from django.db import transaction

    import tenancy
    from apps.accounts import erasure
    from apps.accounts.models import Member
    from tenants.api import note_erasure
    from tenants.catalog import load

    with tenancy.bind(load(UUID(organization))), transaction.atomic():
        member_id = Member.objects.get(email=email).id
        erasure.erase(member_id)
        note_erasure(member_id)
    return str(member_id)


def do_put(key: str, content: str) -> None:
    """Put an object."""
    from core.objects import object_store

    object_store().put_bytes(key, content.encode(), content_type="text/plain")


def do_unput(keys: list[str]) -> None:
    """Remove objects."""
    from core.objects import object_store

    object_store().delete(keys)


def do_keys(prefix: str) -> list[str]:
    """List objects."""
    from core.objects import object_store

    return [found.key for found in object_store().list(prefix)]


def _described(job: Any) -> dict[str, Any]:
    return {field.attname: getattr(job, field.attname) for field in job._meta.concrete_fields}


if __name__ == "__main__":
    main()
