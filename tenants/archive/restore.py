"""Putting an organization back: an archive becomes a shadow beside the living schema, is compared with it, and waits.

Only the swap, asked for by a person who saw the comparison, touches the living organization, and it is one transaction.
Each stage ends in the transaction that notes its end: whoever takes over after a death repeats nothing that is done.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils.module_loading import import_string

import tenancy
from core.clock import now
from core.errors import NotFound
from core.objects import ObjectGone, ObjectStore, object_store
from events.api import publish_for
from tenancy import catalog
from tenants import acts
from tenants.archive import compare, keys, load, ports
from tenants.archive.errors import ArchiveRefused, WrongStage
from tenants.archive.objects import put_back
from tenants.archive.queue import Hold
from tenants.archive.reader import Archive, open_archive
from tenants.catalog import record_of
from tenants.events import OrganizationRestored
from tenants.fleet import data_steps, ledger
from tenants.models import Erasure, Organization, RestoreJob
from tenants.schema import releases, replay
from tenants.schema.template import current

OLD_KEPT_FOR = timedelta(days=7)
State = RestoreJob.State
RESTORABLE = (
    Organization.State.ACTIVE,
    Organization.State.READ_ONLY,
    Organization.State.SUSPENDED,
    Organization.State.PENDING_DELETION,
)
# How far a stage's end is, in thousandths of the way to the comparison, or to the swap.
_BUILDING = {"verify": 200, "build": 250, "load": 700, "keys": 850, "check": 950, "compare": 999}
_SWAPPING = {"objects": 700, "erasures": 900, "swap": 999}


class _MoreErasures(Exception):
    """Somebody was erased while the restore erased; it does so once more."""


def work(hold: Hold) -> None:
    """Bring a restore as far as it goes without a person: to the comparison, through the swap, or out of the way."""
    job: RestoreJob = hold.job
    if job.state == State.DISCARDING:
        _discard(hold)
        return
    with open_archive(object_store(), job.archive.object_key, job.organization_id) as archive:
        if job.archive.manifest_sha256 and job.archive.manifest_sha256 != archive.manifest_sha256:
            raise ArchiveRefused("The file in the store is not the archive that was made.")
        if job.state == State.SWAPPING:
            Swap(hold, archive).run()
        else:
            Build(hold, archive).run()


class Build:
    """From an archive to a shadow that holds the same rows, and a comparison."""

    def __init__(self, hold: Hold, archive: Archive) -> None:
        self._hold, self._archive = hold, archive
        self._job: RestoreJob = hold.job
        self._organization: Organization = hold.job.organization
        self._shadow = self._job.shadow_schema or f"restore_{self._organization.schema_name[2:]}"

    def run(self) -> None:
        """Each stage that is not done yet, in order."""
        if self._organization.state not in RESTORABLE:
            raise WrongStage("The organization is being made or is gone.", state=self._organization.state)
        self._hold.write(state=State.RUNNING, shadow_schema=self._shadow)
        stages: dict[str, Callable[[], None]] = {
            "verify": self._verify,
            "build": self._build,
            "load": self._load,
            "keys": self._keys,
            "check": self._check,
            "compare": self._compare,
        }
        for name, stage in stages.items():
            if name not in self._job.cursor.get("done", []):
                self._hold.write(stage=name)
                stage()

    def _verify(self) -> None:
        total, seen = max(1, sum(entry.readable.bytes for entry in self._archive.manifest.tables)), 0

        def progress(size: int) -> None:
            nonlocal seen
            seen += size
            self._hold.beat(min(_BUILDING["verify"], _BUILDING["verify"] * seen // total))

        self._archive.verify(progress)
        self._end("verify")

    def _build(self) -> None:
        with tenancy.schema_owner(), transaction.atomic():
            replay.drop_schema(connection, schema=self._shadow)  # of an earlier restore that was given up
            foreign = load.build(self._shadow, self._organization.db_role, self._organization.id)
            load.check_fit(self._archive, load.tables(self._shadow))
            self._end("build", foreign=foreign, loaded=[], release=current().release)

    def _load(self) -> None:
        total = max(1, sum(entry.readable.bytes for entry in self._archive.manifest.tables))
        seen = 0
        for entry in self._archive.manifest.tables:
            seen += entry.readable.bytes
            loaded = self._job.cursor["loaded"]
            if entry.table in loaded:
                continue
            with tenancy.schema_owner(), transaction.atomic():
                load.load(self._archive, entry, self._shadow)
                self._hold.write(
                    cursor={**self._job.cursor, "loaded": [*loaded, entry.table]},
                    progress_permille=_BUILDING["build"] + (_BUILDING["load"] - _BUILDING["build"]) * seen // total,
                )
        self._end("load")

    def _keys(self) -> None:
        for table, name, definition in self._job.cursor["foreign"]:
            try:
                with tenancy.schema_owner(), transaction.atomic():
                    load.put_key(table, name, definition, self._shadow)
                    self._hold.beat(_BUILDING["load"])
            except IntegrityError as dangling:
                raise ArchiveRefused(
                    f"A row of {table.split('.')[-1]} points at a row that is not there."
                ) from dangling
        with tenancy.schema_owner(), transaction.atomic():
            load.wake(self._shadow)
            self._end("keys")

    def _check(self) -> None:
        manifest, role = self._archive.manifest, self._organization.db_role
        compare.check(manifest, self._shadow, role, self._archive.seals, lambda: self._hold.beat(_BUILDING["keys"]))
        self._end("check")

    def _compare(self) -> None:
        manifest = self._archive.manifest
        with tenancy.schema_owner():
            lines = compare.tables(manifest, self._shadow, self._organization.schema_name, self._hold.beat)
        missing = _missing_objects(self._archive, object_store(), self._hold.beat)
        comparison = {
            "snapshot_at": manifest.snapshot_at.isoformat(),
            "release": {"archive": manifest.release, "now": current().release},
            "tables": lines,
            "objects": {
                "archive": manifest.objects.rows,
                "missing": len(missing),
                "missing_bytes": sum(line["bytes"] for line in missing),
            },
            "erasures": Erasure.objects.filter(organization_id=self._organization.id).count(),
        }
        self._hold.write(
            state=State.COMPARED,
            stage="",
            comparison=comparison,
            cursor={**self._job.cursor, "done": list(_BUILDING)},
            progress_permille=1000,
            attempts=0,
            lease_until=None,
            error_code="",
            error_detail="",
        )

    def _end(self, stage: str, **more: Any) -> None:
        done = [*self._job.cursor.get("done", []), stage]
        self._hold.write(cursor={**self._job.cursor, **more, "done": done}, progress_permille=_BUILDING[stage])


def _missing_objects(archive: Archive, store: ObjectStore, beat: Callable[[], None]) -> list[dict[str, Any]]:
    """Return the media files of the archive that the store lacks, or has otherwise."""
    found = []
    for line in archive.objects():
        beat()
        try:
            there = store.head(keys.key_of(archive.manifest.organization_id, line["file"]))
        except ObjectGone:
            found.append(line)
            continue
        if there.size_bytes != line["bytes"]:
            found.append(line)
    return found


class Swap:
    """The shadow takes the living schema's place. Before that, media are back and whoever was erased is again."""

    def __init__(self, hold: Hold, archive: Archive) -> None:
        self._hold, self._archive = hold, archive
        self._job: RestoreJob = hold.job
        self._organization: Organization = hold.job.organization

    def run(self) -> None:
        """Objects, erasures, then everything else at once."""
        self._objects()
        while True:
            replayed = self._erase()
            try:
                self._swap(replayed)
            except _MoreErasures:
                continue
            return

    def _objects(self) -> None:
        """Put back what is missing; each object is whole or absent, so a repetition only looks."""
        self._hold.write(stage="objects")
        total, seen = max(1, self._archive.manifest.objects_bytes), 0

        def progress(size: int) -> None:
            nonlocal seen
            seen += size
            self._hold.beat(min(_SWAPPING["objects"], _SWAPPING["objects"] * seen // total))

        for line in self._archive.objects():
            put_back(object_store(), self._archive, line, self._organization.id, progress)

    def _erase(self) -> int:
        """Erase in the shadow whoever is in the ledger; return how many. Erasing twice is erasing once."""
        self._hold.write(stage="erasures", progress_permille=_SWAPPING["objects"])
        ledger = Erasure.objects.filter(organization_id=self._organization.id)
        members = list(dict.fromkeys(ledger.order_by("at", "id").values_list("member_id", flat=True)))
        count = ledger.count()
        erasers = [import_string(path) for path in settings.ERASERS]
        with tenancy.bind(replace(record_of(self._organization), schema_name=self._job.shadow_schema)):
            for member_id in members:
                with transaction.atomic():
                    for erase in erasers:
                        _erase_one(erase, member_id)
        self._hold.write(erasures=len(members), progress_permille=_SWAPPING["erasures"])
        return count

    def _swap(self, replayed: int) -> None:
        self._hold.write(stage="swap")
        organization_id = self._organization.id
        with tenancy.schema_owner(), transaction.atomic():
            living = Organization.objects.select_for_update().get(id=organization_id)
            if living.state not in RESTORABLE:
                raise WrongStage("The organization is gone.", state=living.state)
            old = f"old_{self._job.id.hex[-12:]}"
            replay.swap(connection, live=living.schema_name, shadow=self._job.shadow_schema, old=old)
            # The living tables are locked by now: no erasure can be under way in them.
            if Erasure.objects.filter(organization_id=organization_id).count() != replayed:
                raise _MoreErasures
            living.generation += 1
            living.epoch = living.generation  # what an older self left undone is void
            living.updated_at = now()
            living.save(update_fields=["generation", "epoch", "updated_at"])
            self._shared(living.generation)
            # The shadow may have waited for this moment through a release. Before they said so there was one only.
            release = self._job.cursor.get("release", releases.FIRST)
            ledger.has(organization_id, release)
            manifest = self._archive.manifest
            data_steps.plan_restored(
                organization_id, release=release, from_release=manifest.release, as_of=manifest.snapshot_at
            )
            acts.note(
                organization_id,
                "organization.restored",
                object_type="restore",
                object_id=self._job.id,
                changes={"as_of": [None, self._archive.manifest.snapshot_at.isoformat()]},
                generation=living.generation,
            )
            restored = OrganizationRestored(organization_id=organization_id, restore_id=self._job.id)
            publish_for(organization_id, living.generation, restored)
            self._hold.write(
                state=State.SWAPPED,
                stage="",
                old_schema=old,
                old_kept_until=now() + OLD_KEPT_FOR,
                swapped_at=now(),
                finished_at=now(),
                progress_permille=1000,
                error_code="",
                error_detail="",
            )
            transaction.on_commit(lambda: catalog.announce_change(organization_id))

    def _shared(self, generation: int) -> None:
        shared = {entry.table: entry for entry in self._archive.manifest.shared}
        for part in ports.archived():
            if part.prepare is not None:
                part.prepare(self._organization.id, self._rows)
            for table in part.tables:
                if table.returns and table.table in shared:
                    load.put_back(self._archive, shared[table.table], self._organization.id)
            if part.settle is not None:
                part.settle(self._organization.id, generation, self._rows)

    def _rows(self, table: str) -> Any:
        for entry in self._archive.manifest.shared:
            if entry.table == table:
                yield from (json.loads(line) for line in self._archive.rows(entry.readable))


def _erase_one(erase: Callable[[Any], None], member_id: Any) -> None:
    try:
        erase(member_id)
    except NotFound:
        return  # joined after the archive was made: nothing of them is in it


def _discard(hold: Hold) -> None:
    with tenancy.schema_owner(), transaction.atomic():
        replay.drop_schema(
            connection, schema=hold.job.shadow_schema or f"restore_{hold.job.organization.schema_name[2:]}"
        )
        hold.write(state=State.DISCARDED, stage="", finished_at=now(), progress_permille=1000)


def drop_old(job: RestoreJob) -> None:
    """Remove what a restore replaced. Runs as the owning login; safe to repeat."""
    with tenancy.schema_owner(), transaction.atomic():
        replay.drop_schema(connection, schema=job.old_schema)
        RestoreJob.objects.filter(id=job.id).update(old_dropped_at=now(), updated_at=now())
