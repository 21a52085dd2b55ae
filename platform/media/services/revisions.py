"""Revisions: each encode under a prefix of its own, published by a row, never by overwriting."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from billing import api as billing
from core.clock import now
from events.api import publish as tell
from media import prefixes
from media.events import RevisionPublished
from media.models import Revision, StorageEntry, TranscodeJob
from media.services import allowance, jobs
from media.services.jobs import Lease
from media.services.objects import store
from media.services.turns import in_turn
from media.transcoding.encoder import Cost, StageMade
from media.transcoding.errors import LeaseLost

State = Revision.State

# The longest grant, and time for whoever holds a page open: only then do the bytes of an old encode go.
KEPT = timedelta(hours=48, minutes=10)


def begin(lease: Lease, *, has_poster: bool) -> None:
    """Note the prefix before the first object is put there, so that no object can be without a row."""
    Revision.objects.bulk_create(
        [
            Revision(
                id=lease.rev_id,
                organization_id=lease.organization_id,
                asset_id=lease.asset_id,
                upload_id=lease.upload_id,
                job_id=lease.job_id,
                stage=lease.stage,
                has_poster=has_poster,
            )
        ]
    )


@transaction.atomic
def publish(lease: Lease, made: StageMade, *, duration_ms: int) -> None:
    """Let people play this revision from now on: one row changes, and the fact is told with it.

    Raises:
        LeaseLost: someone else has the job; nothing was published.
    """
    _hold(lease)
    row = _write(lease, made, duration_ms)
    older = Revision.objects.filter(asset_id=lease.asset_id, state=State.PUBLISHED).exclude(id=lease.rev_id)
    older.update(state=State.SUPERSEDED, ended_at=now())
    _tell(row)


@transaction.atomic
def finish(lease: Lease, made: StageMade, cost: Cost, *, duration_ms: int) -> None:
    """The stage is whole: publish it where it was not yet, count its bytes, end the job, ask for the next stage.

    Raises:
        LeaseLost: someone else has the job; nothing was changed.
    """
    publish(lease, made, duration_ms=duration_ms)
    billing.add(meter=billing.STORAGE_BYTES, delta=made.bytes)
    _enter(lease.organization_id, lease.asset_id, lease.rev_id, made.bytes)
    allowance.count(lease, duration_ms=duration_ms)
    lease.row().update(
        state=TranscodeJob.State.DONE,
        lease_until=None,
        finished_at=now(),
        progress_permille=1000,
        eta_seconds=0,
        cost_seconds=round(cost.cpu_seconds, 3),
        error_code="",
        error_title="",
        error_detail="",
        error_kind="",
    )
    if lease.stage != TranscodeJob.Stage.LADDER:
        jobs.enqueue(asset_id=lease.asset_id, upload_id=lease.upload_id, stage=TranscodeJob.Stage.LADDER)


def due_for_purge(*, limit: int = 50) -> list[tuple[UUID, UUID]]:
    """(organization, revision) whose objects nobody can be playing any more, in turn. Must run on the platform."""
    rows = Revision.objects.filter(state__in=[State.SUPERSEDED, State.FAILED], ended_at__lt=now() - KEPT)
    return list(in_turn(rows, by="ended_at", limit=limit).values_list("organization_id", "id"))


def purge(rev_id: UUID) -> None:
    """Delete the objects of an ended revision of the bound organization and give the bytes back. Safe to repeat."""
    row = Revision.objects.filter(id=rev_id, state__in=[State.SUPERSEDED, State.FAILED]).first()
    if row is None:
        return
    store().delete_prefix(prefixes.revision_prefix(row.organization_id, row.asset_id, row.id))
    counted = row.bytes if row.state == State.SUPERSEDED and not row.is_growing else 0
    with transaction.atomic():
        purged = Revision.objects.filter(id=rev_id, state=row.state).update(state=State.PURGED)
        if purged and counted:
            billing.add(meter=billing.STORAGE_BYTES, delta=-counted)
            _enter(row.organization_id, row.asset_id, row.id, -counted)


def retire_all(asset_id: UUID) -> None:
    """Take everything of an asset out of play at once: its objects go with the purge, its grants within their life."""
    Revision.objects.filter(asset_id=asset_id, state__in=[State.PUBLISHED, State.BUILDING]).update(
        state=State.SUPERSEDED, ended_at=now()
    )


def _hold(lease: Lease) -> None:
    """Lock the job's row under our fence, so that it cannot be taken away before this transaction ends."""
    if lease.row().select_for_update(of=("self",)).first() is None:
        raise LeaseLost


def _write(lease: Lease, made: StageMade, duration_ms: int) -> Revision:
    row = Revision.objects.get(id=lease.rev_id)
    row.state, row.is_growing = State.PUBLISHED, made.growing
    row.duration_ms, row.bytes = duration_ms, made.bytes
    row.renditions = [asdict(rendition) for rendition in made.renditions]
    row.published_at = row.published_at or now()
    row.save(update_fields=["state", "is_growing", "duration_ms", "bytes", "renditions", "published_at"])
    return row


def _tell(row: Revision) -> None:
    tell(
        RevisionPublished(
            asset=row.asset_id,
            rev=row.id,
            upload=row.upload_id,
            stage=row.stage,
            duration_ms=row.duration_ms,
            bytes=row.bytes,
            growing=row.is_growing,
            has_poster=row.has_poster,
            renditions=row.renditions,
        )
    )


def _enter(organization_id: UUID, asset_id: UUID, rev_id: UUID, delta: int) -> None:
    StorageEntry.objects.bulk_create(
        [
            StorageEntry(
                organization_id=organization_id,
                object_prefix=prefixes.revision_prefix(organization_id, asset_id, rev_id),
                kind=StorageEntry.Kind.RENDITION,
                delta_bytes=delta,
                ref_id=rev_id,
            )
        ]
    )
