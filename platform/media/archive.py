"""Media in an organization's archive: uploads and encodes come back by id; keys never leave, and never come back."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Sum

from billing import api as billing
from core.clock import now
from core.ids import new_id
from media.models import (
    EdgeBinding,
    EdgeSecret,
    EdgeValue,
    Namespace,
    PlaybackSession,
    RemoteJob,
    Revision,
    RevokedGrant,
    SigningKey,
    StorageEntry,
    TranscodeJob,
    Upload,
)
from media.services.objects import store
from tenants.dto import Archived, ArchivedRows, SharedTable

_PLATFORMS = "belongs to this platform, not to the organization's data; a restore keeps what there is"


def prepare(organization_id: UUID, rows: ArchivedRows) -> None:
    """End conversions that the archive does not know: its own, of the same uploads, take their place."""
    known = {UUID(row["id"]) for row in rows(TranscodeJob._meta.db_table)}
    under_way = TranscodeJob.objects.filter(
        organization_id=organization_id, state__in=(TranscodeJob.State.QUEUED, TranscodeJob.State.LEASED)
    )
    under_way.exclude(id__in=known).update(
        state=TranscodeJob.State.FAILED,
        lease_until=None,
        finished_at=now(),
        error_code="restored",
        error_title="The organization was restored",
        error_kind="lost",
    )


def settle(organization_id: UUID, generation: int, rows: ArchivedRows) -> None:
    """Let only the archive's encodes of its assets play; count the bytes that the store really holds."""
    known, assets = set(), set()
    for row in rows(Revision._meta.db_table):
        known.add(UUID(row["id"]))
        assets.add(UUID(row["asset_id"]))
    Revision.objects.filter(
        organization_id=organization_id,
        asset_id__in=assets,
        state__in=(Revision.State.PUBLISHED, Revision.State.BUILDING),
    ).exclude(id__in=known).update(state=Revision.State.SUPERSEDED, ended_at=now())
    recount(organization_id)


def recount(organization_id: UUID) -> int:
    """Make the ledger and the gauge agree with the store; return the bytes there are. Platform or owner only."""
    prefixes = (
        f"t/{organization_id}/in/",
        f"t/{organization_id}/v/",
        f"t/{organization_id}/f/",
        f"p/{organization_id}/",
    )
    held = sum(found.size_bytes for prefix in prefixes for found in store().list(prefix))
    entered = StorageEntry.objects.filter(organization_id=organization_id).aggregate(sum=Sum("delta_bytes"))["sum"] or 0
    if held != entered:
        StorageEntry.objects.bulk_create(
            [
                StorageEntry(
                    id=new_id(),
                    organization_id=organization_id,
                    object_prefix=f"t/{organization_id}/",
                    kind=StorageEntry.Kind.SOURCE,
                    delta_bytes=held - entered,
                    ref_id=organization_id,
                )
            ]
        )
    billing.recount(organization_id, billing.STORAGE_BYTES, held)
    return held


ARCHIVED = Archived(
    tables=(
        SharedTable(
            Upload,
            "Every file that was uploaded: its name, its size, and where it lies under media/.",
            returns=True,
            where="state NOT IN ('open', 'completing')",
        ),
        SharedTable(
            Revision,
            "Every version of a film that was made for playing, and the folder under media/ that holds it.",
            returns=True,
        ),
        SharedTable(TranscodeJob, "The work that made those versions.", returns=True),
        SharedTable(StorageEntry, "Bytes that came and went. To read only; a restore counts anew."),
        SharedTable(
            PlaybackSession,
            "Who had a player open, and when. To read only.",
            left_out=("policy_hash", "policy_before", "ip_hash"),
        ),
    ),
    prepare=prepare,
    settle=settle,
    not_archived={
        Namespace._meta.db_table: _PLATFORMS,
        EdgeBinding._meta.db_table: _PLATFORMS,
        SigningKey._meta.db_table: "signing keys never leave the platform",
        EdgeSecret._meta.db_table: "secrets of the edge never leave the platform",
        EdgeValue._meta.db_table: "secrets of the edge never leave the platform",
        RevokedGrant._meta.db_table: "lives ten minutes",
        RemoteJob._meta.db_table: "what a service is encoding just now; a restore begins it anew",
    },
)
