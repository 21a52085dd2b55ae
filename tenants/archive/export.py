"""Making an archive: the tables of one instant first and in one go, then the media, part by part.

Killed among the tables, the export begins again with a new instant: half of one and half of another is no archive.
Killed later, it resumes behind the last part that the store has; nothing finished is read or sent twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db import transaction

from core.clock import iso, now
from core.objects import ObjectGone, ObjectStore, StoredObject, StoredPart, UploadGone, object_store
from tenants.archive import keys, manifest, ports, secrets, snapshot
from tenants.archive.dump import Dump
from tenants.archive.errors import CannotExport
from tenants.archive.queue import Hold
from tenants.archive.seal import Seals
from tenants.archive.stream import ArchiveWriter, Upload, part_bytes_for
from tenants.catalog import record_of
from tenants.fleet import ledger
from tenants.models import ExportEntry, ExportJob, Organization
from tenants.schema import releases

KEPT_FOR = timedelta(days=7)
FINAL_KEPT_FOR = timedelta(days=30)
_CHECKPOINT_ENTRIES = 200

State = ExportJob.State
EXPORTABLE = (
    Organization.State.ACTIVE,
    Organization.State.READ_ONLY,
    Organization.State.SUSPENDED,
    Organization.State.PENDING_DELETION,
)


class _Restart(Exception):
    """What was begun can't be gone on with; another archive is begun."""


def work(hold: Hold) -> None:
    """Bring one export job to its end. Runs as the owning login, on the platform."""
    is_last = hold.job.origin == ExportJob.Origin.FINAL and hold.job.organization.state == Organization.State.DELETING
    if not is_last and hold.job.organization.state not in EXPORTABLE:
        raise CannotExport
    try:
        Export(hold).run()
    except _Restart:
        hold.write(cursor={}, stage="")
        Export(hold).run()


class Export:
    """One export under a lease.

    ``cursor``: ``tables_end`` (byte behind the tables, once they are whole), ``parts`` (how many the store had at the
    last checkpoint), ``current`` (key and etag of the object that the last of these parts cuts), ``completing`` (size
    of the whole, once only the store's word is missing).
    """

    def __init__(self, hold: Hold) -> None:
        self._hold = hold
        self._job: ExportJob = hold.job
        self._organization: Organization = hold.job.organization
        self._store: ObjectStore = object_store()
        self._seals = Seals(self._organization.id, self._job.id)
        self._tail_key = keys.tail(self._organization.id, self._job.id)
        self._noted: list[ExportEntry] = []
        self._position = 0
        self._current = ["", ""]
        self._done_bytes = 0
        self._total_bytes = 1
        self._out: Upload

    def run(self) -> None:
        """Tables, media, directory: whatever is not done yet."""
        if self._job.cursor.get("completing"):
            self._complete()
            return
        try:
            writer = self._resume() if self._job.cursor.get("tables_end") else self._tables()
            self._media(writer)
            self._finish(writer)
        except BaseException:
            # The zip's own clean-up would write a directory where the archive goes on.
            if hasattr(self, "_out"):
                self._out.give_up()
            raise
        self._complete()

    # -- tables --------------------------------------------------------------------------------------------------------

    def _tables(self) -> ArchiveWriter:
        self._forget_earlier()
        with snapshot.take() as instant:
            tables = instant.tables(self._organization.schema_name)
            self._begin(instant, sum(table.bytes for table in tables))
            writer = self._open([], [], 0, b"")
            taken_at, host = self._job.snapshot_at, record_of(self._organization).host
            assert taken_at is not None
            dump = Dump(writer, self._seals, note=lambda facts: self._note(writer, facts), progress=self._progress)
            dump.documents(self._organization, host, iso(taken_at), tables)
            dump.tenant(instant, tables, schema=self._organization.schema_name, role=self._organization.db_role)
            dump.shared(instant, self._organization)
        # What is too little for a part is kept aside: the snapshot is gone and can't be read again.
        self._store.put_bytes(self._tail_key, self._out.waiting(), content_type="application/octet-stream")
        with transaction.atomic():
            self._save_entries()
            ends = {"tables_end": self._out.tell(), "parts": len(self._out.parts)}
            self._hold.write(stage="media", cursor={**self._job.cursor, **ends})
        self._done_bytes = self._job.cursor["table_bytes"]
        return writer

    def _begin(self, instant: snapshot.Snapshot, table_bytes: int) -> None:
        objects_bytes = sum(found.size_bytes for found in self._objects())
        self._total_bytes = max(1, table_bytes + objects_bytes)
        key = keys.archive(self._organization.id, self._job.id, final=self._job.origin == ExportJob.Origin.FINAL)
        release = ledger.release_of(self._organization.id)
        self._hold.write(
            state=State.RUNNING,
            stage="tables",
            object_key=key,
            upload_id=self._store.begin_upload(key, content_type="application/zip"),
            snapshot_at=instant.taken_at(),
            generation=self._organization.generation,
            objects_bytes=objects_bytes,
            cursor={
                "part_bytes": part_bytes_for(self._total_bytes),
                "table_bytes": table_bytes,
                "template_sha256": releases.hashes().get(release, ""),
                "release": release,
            },
        )

    def _forget_earlier(self) -> None:
        """Give up what an earlier try began: its instant is gone."""
        ExportEntry.objects.filter(job=self._job).delete()
        if self._job.upload_id:
            self._store.abort_upload(self._job.object_key, self._job.upload_id)

    # -- media ---------------------------------------------------------------------------------------------------------

    def _media(self, writer: ArchiveWriter) -> None:
        last = ExportEntry.objects.filter(job=self._job, facts__object__isnull=False).order_by("position").last()
        # Half of the next place may be in the store already: then the same bytes must follow.
        cut = self._job.cursor.get("current") if self._out.uploaded > self._out.tell() else None
        if cut and cut[0] == manifest.OBJECTS:
            return
        for found in self._objects():
            if last is not None and found.key <= last.facts["object"]:
                continue
            if cut and cut != [found.key, found.etag]:
                raise _Restart
            cut = None
            self._object(writer, found)
        if cut:
            raise _Restart

    def _object(self, writer: ArchiveWriter, found: StoredObject) -> None:
        try:
            body = self._store.open(found.key)
        except ObjectGone:
            self._note(writer, {"kind": "missing", "object": found.key}, is_file=False)
            return
        self._current = [found.key, body.info.etag]
        name, digest, size = keys.file_of(self._organization.id, found.key), hashlib.sha256(), 0
        with writer.file(name, compressed=False) as file:
            for piece in body.pieces():
                file.write(piece)
                digest.update(piece)
                size += len(piece)
                self._progress(len(piece))
        facts = {"kind": "object", "object": found.key, "file": name, "bytes": size, "sha256": digest.hexdigest()}
        about = {"etag": body.info.etag, "content_type": body.info.content_type, "cache_control": body.cache_control}
        self._note(writer, {**facts, **about})

    def _objects(self) -> Iterator[StoredObject]:
        """Yield what the organization has in the store, by key: public pictures, then private files; no archives."""
        for prefix in (keys.public(self._organization.id), keys.private(self._organization.id)):
            for found in self._store.list(prefix):
                if not found.key.startswith(keys.archives(self._organization.id)):
                    yield found

    # -- the end -------------------------------------------------------------------------------------------------------

    def _finish(self, writer: ArchiveWriter) -> None:
        self._current = [manifest.OBJECTS, ""]
        self._save_entries()
        self._hold.write(stage="finishing")
        objects, held, missing = self._list_objects(writer)
        described = self._manifest(objects, held, missing)
        content = manifest.to_json(described)
        manifest_sha256 = hashlib.sha256(content).hexdigest()
        # Stored, not compressed: a resumed worker with another zlib must write the same bytes.
        writer.put(manifest.MANIFEST, iter([content]))
        writer.put(manifest.SEAL, iter([self._seals.sign(manifest_sha256).encode() + b"\n"]))
        writer.close()
        parts = self._out.finish()
        self._hold.write(
            cursor={**self._job.cursor, "completing": self._out.tell(), "parts": len(parts)},
            manifest_sha256=manifest_sha256,
            tables=len(described.tables),
            rows=described.rows(),
            objects_count=objects.rows,
            objects_bytes=held,
            missing=missing,
        )

    def _list_objects(self, writer: ArchiveWriter) -> tuple[manifest.FileEntry, int, int]:
        digest, size, count, held, missing = hashlib.sha256(), 0, 0, 0, 0
        entries = ExportEntry.objects.filter(job=self._job, facts__kind__in=("object", "missing")).order_by("position")
        with writer.file(manifest.OBJECTS, compressed=False) as file:
            for entry in entries.iterator(chunk_size=1000):
                if entry.facts["kind"] == "missing":
                    missing += 1
                    continue
                facts = {name: value for name, value in sorted(entry.facts.items()) if name not in ("kind", "object")}
                line = json.dumps(facts, ensure_ascii=False).encode() + b"\n"
                file.write(line)
                digest.update(line)
                size, count, held = size + len(line), count + 1, held + facts["bytes"]
        return manifest.FileEntry(manifest.OBJECTS, size, digest.hexdigest(), count), held, missing

    def _manifest(self, objects: manifest.FileEntry, held: int, missing: int) -> manifest.Manifest:
        entries = ExportEntry.objects.filter(job=self._job).exclude(facts__kind__in=("object", "missing"))
        noted = [entry.facts for entry in entries.order_by("position")]
        sealed = {facts["table"]: facts for facts in noted if facts["kind"] == "sealed"}
        record, taken_at = record_of(self._organization), self._job.snapshot_at
        assert taken_at is not None
        return manifest.Manifest(
            export_id=self._job.id,
            organization_id=self._organization.id,
            organization={name: getattr(record, name) for name in ("name", "slug", "host", "locale", "zone")},
            snapshot_at=taken_at,
            generation=self._job.generation or 0,
            release=self._job.cursor["release"],
            template_sha256=self._job.cursor["template_sha256"],
            tables=tuple(
                _table_entry(facts, sealed.get(facts["table"])) for facts in noted if facts["kind"] == "table"
            ),
            shared=tuple(
                manifest.SharedEntry(facts["table"], tuple(facts["columns"]), _file(facts), facts["returns"])
                for facts in noted
                if facts["kind"] == "shared"
            ),
            objects=objects,
            objects_bytes=held,
            missing=missing,
            documents=tuple(_file(facts) for facts in noted if facts["kind"] == "document"),
            not_archived={
                **secrets.not_archived(),
                **{table: why for part in ports.archived() for table, why in part.not_archived.items()},
            },
        )

    def _complete(self) -> None:
        size = self._job.cursor["completing"]
        try:
            parts = self._store.parts(self._job.object_key, self._job.upload_id)[: self._job.cursor["parts"]]
            if sum(part.size_bytes for part in parts) != size:
                raise _Restart
            self._store.complete_upload(self._job.object_key, self._job.upload_id, parts)
        except UploadGone:
            # Killed between the store's answer and ours: the archive is there.
            try:
                if self._store.head(self._job.object_key).size_bytes != size:
                    raise _Restart from None
            except ObjectGone:
                raise _Restart from None
        kept = FINAL_KEPT_FOR if self._job.origin == ExportJob.Origin.FINAL else KEPT_FOR
        with transaction.atomic():
            ExportEntry.objects.filter(job=self._job).delete()
            self._hold.write(
                state=State.READY,
                stage="",
                size_bytes=size,
                progress_permille=1000,
                upload_id="",
                cursor={},
                error_code="",
                error_detail="",
                finished_at=now(),
                expires_at=now() + kept,
            )
        self._store.delete([self._tail_key])

    # -- resuming ------------------------------------------------------------------------------------------------------

    def _resume(self) -> ArchiveWriter:
        """Begin behind the last file that is whole: in the store, or in what was kept aside after the tables."""
        cursor = self._job.cursor
        try:
            # A part that came after the last checkpoint is sent again under its number.
            parts = self._store.parts(self._job.object_key, self._job.upload_id)[: cursor["parts"]]
            uploaded = sum(part.size_bytes for part in parts)
            tail = self._store.read(self._tail_key) if uploaded < cursor["tables_end"] else b""
        except (UploadGone, ObjectGone) as gone:
            raise _Restart from gone
        whole = max(uploaded, cursor["tables_end"])
        if len(parts) < cursor["parts"] or (tail and uploaded + len(tail) != whole):
            raise _Restart
        ExportEntry.objects.filter(job=self._job, ends_at_byte__gt=whole).delete()
        entries = list(ExportEntry.objects.filter(job=self._job).order_by("position"))
        self._position = len(entries)
        in_place = sum(entry.facts["bytes"] for entry in entries if entry.facts["kind"] == "object")
        self._done_bytes = cursor["table_bytes"] + in_place
        self._total_bytes = max(1, cursor["table_bytes"] + (self._job.objects_bytes or 0))
        begin_at = max(entry.ends_at_byte for entry in entries)
        return self._open(parts, [entry.zip for entry in entries if entry.zip], begin_at, tail)

    def _open(self, parts: list[StoredPart], done: list[dict[str, Any]], begin_at: int, tail: bytes) -> ArchiveWriter:
        self._out = Upload(
            self._store,
            self._job.object_key,
            self._job.upload_id,
            part_bytes=self._job.cursor["part_bytes"],
            parts=parts,
            begin_at=begin_at,
            tail=tail,
            on_part=self._part_is_stored,
        )
        taken_at = self._job.snapshot_at
        assert taken_at is not None
        return ArchiveWriter(self._out, at=taken_at, done=done)

    # -- checkpoints ---------------------------------------------------------------------------------------------------

    def _note(self, writer: ArchiveWriter, facts: dict[str, Any], *, is_file: bool = True) -> None:
        self._noted.append(
            ExportEntry(
                job=self._job,
                position=self._position + len(self._noted),
                name=facts.get("file", ""),
                zip=writer.last() if is_file else {},
                facts=facts,
                ends_at_byte=writer.ends_at(),
            )
        )
        if self._job.cursor.get("tables_end") and len(self._noted) >= _CHECKPOINT_ENTRIES:
            self._save_entries()

    def _part_is_stored(self) -> None:
        if not self._job.cursor.get("tables_end"):
            self._progress(0)
            return
        with transaction.atomic():
            self._save_entries()
            cursor = {**self._job.cursor, "parts": len(self._out.parts), "current": self._current}
            self._hold.write(cursor=cursor, progress_permille=self._permille())

    def _save_entries(self) -> None:
        ExportEntry.objects.bulk_create(self._noted)
        self._position += len(self._noted)
        self._noted.clear()

    def _progress(self, more_bytes: int) -> None:
        self._done_bytes += more_bytes
        self._hold.beat(self._permille())

    def _permille(self) -> int:
        return min(990, 990 * self._done_bytes // self._total_bytes)


def _file(facts: dict[str, Any]) -> manifest.FileEntry:
    return manifest.FileEntry(facts["file"], facts["bytes"], facts["sha256"], facts["rows"])


def _table_entry(facts: dict[str, Any], sealed: dict[str, Any] | None) -> manifest.TableEntry:
    return manifest.TableEntry(
        facts["table"],
        tuple(facts["columns"]),
        tuple(facts["key"]),
        _file(facts),
        None if sealed is None else _file(sealed),
        () if sealed is None else tuple(sealed["columns"]),
        "" if sealed is None else sealed["digest"],
    )
