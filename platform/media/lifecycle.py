"""Media's share in an organization's life: what plays stops, what is converted waits."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from django.db.models import F, QuerySet
from django.db.models.functions import Greatest

from core.clock import now
from media.edge.interface import NoKeyGroup
from media.edge.registry import media_edge
from media.models import PlaybackSession, RevokedGrant, TranscodeJob, Upload
from tenants.api import LifecyclePart, hosts_of

# Uploads that waited with their organization get this much time to go on.
GRACE = timedelta(days=1)

_Job = TranscodeJob.State


class Playing(LifecyclePart):
    """Films, uploads and conversions."""

    def counts(self, organization_id: UUID) -> dict[str, int]:
        """Return the films that play now, the open uploads and the conversions under way or waiting."""
        return {
            "plays": _playing(organization_id).count(),
            "uploads": Upload.objects.filter(organization_id=organization_id, state=Upload.State.OPEN).count(),
            "conversions": TranscodeJob.objects.filter(
                organization_id=organization_id, state__in=(_Job.QUEUED, _Job.LEASED)
            ).count(),
        }

    def pause(self, organization_id: UUID) -> None:
        """End what plays and switch the organization's media off at the edge; conversions begin again later.

        The edge refuses running grants by the binding and by the revoke list, each within a minute.
        """
        moment = now()
        running = _playing(organization_id)
        RevokedGrant.objects.bulk_create(
            [
                RevokedGrant(policy_hash=policy, organization_id=organization_id, expires_at=session.ends_at)
                for session in running.only("policy_hash", "policy_before", "ends_at").iterator()
                for policy in session.grants
            ],
            ignore_conflicts=True,
            batch_size=1000,
        )
        running.update(ended_at=moment, ended_reason="organization_paused")
        with suppress(NoKeyGroup):  # its media were never set up
            media_edge().revoke(organization_id)
        # The fence takes the lease from whoever is at work: none of these jobs is counted as failed or lost.
        TranscodeJob.objects.filter(organization_id=organization_id, state=_Job.LEASED).update(
            state=_Job.QUEUED, fence=F("fence") + 1, lease_until=None, attempt=0, run_at=moment
        )

    def resume(self, organization_id: UUID) -> None:
        """Switch the organization's media on again, and let what waited go on."""
        media_edge().ensure_tenant(organization_id, hosts_of(organization_id))
        TranscodeJob.objects.filter(organization_id=organization_id, state=_Job.QUEUED).update(run_at=now(), attempt=0)
        Upload.objects.filter(organization_id=organization_id, state=Upload.State.OPEN).update(
            expires_at=Greatest(F("expires_at"), now() + GRACE)
        )


def _playing(organization_id: UUID) -> QuerySet[PlaybackSession]:
    return PlaybackSession.objects.filter(organization_id=organization_id, ended_at__isnull=True, ends_at__gt=now())
