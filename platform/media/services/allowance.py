"""The month's encoding: held before a film's first encode, counted when its first whole revision is there.

A film counts with its length, once, however often and into how many versions it is encoded.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction

from billing import api as billing
from media.models import TranscodeJob, Upload

if TYPE_CHECKING:
    from media.services.jobs import Lease

# Longer than a film is tried. A hold that ends before its film is missed by the limit for a while, not by the count.
LIFE = timedelta(days=3)


@transaction.atomic
def hold(lease: Lease, *, duration_ms: int) -> None:
    """Hold what the film of this job will count for; where that is held already, or was counted, do nothing.

    Raises:
        billing.errors.QuotaExceeded: the organization's month has not that much left, and it did not choose to pay for
            more.
    """
    if lease.stage == TranscodeJob.Stage.LADDER:
        return
    upload = Upload.objects.select_for_update(of=("self",)).get(id=lease.upload_id)
    if upload.encoding_hold_id is not None and billing.is_held(upload.encoding_hold_id):
        return
    held = billing.reserve(meter=billing.TRANSCODE_SECONDS, amount=_seconds(duration_ms), life=LIFE)
    Upload.objects.filter(id=upload.id).update(encoding_hold_id=held)


@transaction.atomic
def count(lease: Lease, *, duration_ms: int) -> None:
    """Count the film as encoded, in the transaction that publishes it whole; a later version of it counts no more."""
    release(lease.upload_id)
    billing.note_usage(lease.upload_id, billing.TRANSCODE_SECONDS, _seconds(duration_ms))


@transaction.atomic
def release(upload_id: UUID) -> None:
    """Give back what was held for an upload's film. Safe to repeat."""
    held = Upload.objects.filter(id=upload_id).values_list("encoding_hold_id", flat=True).first()
    if held is not None:
        billing.release(held)
        Upload.objects.filter(id=upload_id).update(encoding_hold_id=None)


def _seconds(duration_ms: int) -> int:
    return max(1, -(-duration_ms // 1000))
