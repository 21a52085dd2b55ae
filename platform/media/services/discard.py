"""Taking an asset away: nothing plays any more, nothing is converted any more, the bytes come back."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from core.clock import now
from media.models import RemoteJob, TranscodeJob, Upload
from media.services import allowance, playback, revisions, uploads
from tenancy.tasks import named

State = TranscodeJob.State


def discard(asset_id: UUID) -> None:
    """Discard the bound organization's asset. Its grants end within a minute, its encodes' objects in two days.

    Safe to repeat. Whether anything still shows the asset is the caller's question.
    """
    with transaction.atomic():
        # The fence stays: a worker in the middle of it loses its lease at the next heartbeat.
        TranscodeJob.objects.filter(asset_id=asset_id, state__in=[State.QUEUED, State.LEASED]).update(
            state=State.FAILED, lease_until=None, finished_at=now(), error_code="discarded", error_kind="lost"
        )
        revisions.retire_all(asset_id)
        # What is encoded elsewhere is called off by whoever looks next: nobody pays for a film that is gone.
        if RemoteJob.objects.filter(asset_id=asset_id, ended_at__isnull=True).update(look_at=now()):
            transaction.on_commit(named("media.tasks.sweep_remote").delay, robust=True)
    for upload_id in Upload.objects.filter(asset_id=asset_id).values_list("id", flat=True):
        allowance.release(upload_id)
        uploads.delete_source(upload_id)
    playback.end_all(asset_id=asset_id, reason="asset_deleted")
