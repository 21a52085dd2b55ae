"""What an organization stores, from the ledger of bytes: its sum is what its prefix holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC
from uuid import UUID

from django.db.models import Sum
from django.db.models.functions import TruncMonth

import tenancy
from core.months import month_name
from media.models import Revision, StorageEntry, Upload


@dataclass(frozen=True, slots=True)
class Stored:
    """Bytes by kind, by asset (those of no asset left out) and what came or went by month (``2026-11``)."""

    by_kind: dict[str, int]
    by_asset: dict[UUID, int]
    by_month: dict[str, int]

    @property
    def total(self) -> int:
        """Everything."""
        return sum(self.by_kind.values())


def assets_of_uploads(upload_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Return the asset that each of these uploads of the bound organization was for."""
    return dict(Upload.objects.filter(id__in=list(upload_ids)).values_list("id", "asset_id"))


def stored(organization_id: UUID) -> Stored:
    """Add up an organization's ledger. Call it outside any transaction: the ledger is the platform's to read."""
    with tenancy.platform():
        entries = StorageEntry.objects.filter(organization_id=organization_id)
        lines = list(entries.values_list("kind", "ref_id").annotate(Sum("delta_bytes")))
        months = entries.annotate(month=TruncMonth("at", tzinfo=UTC)).values_list("month").annotate(Sum("delta_bytes"))
        by_month = {month_name(month): int(delta) for month, delta in months.order_by("month")}
        asset_of = dict(Upload.objects.filter(organization_id=organization_id).values_list("id", "asset_id"))
        asset_of |= dict(Revision.objects.filter(organization_id=organization_id).values_list("id", "asset_id"))
    by_kind: dict[str, int] = {}
    by_asset: dict[UUID, int] = {}
    for kind, ref_id, delta in lines:
        by_kind[kind] = by_kind.get(kind, 0) + int(delta)
        asset_id = asset_of.get(ref_id)
        if asset_id is not None:
            by_asset[asset_id] = by_asset.get(asset_id, 0) + int(delta)
    return Stored(by_kind, by_asset, by_month)


def totals(organization_ids: Sequence[UUID] | None) -> dict[UUID, int]:
    """Return how much each of these organizations stores, or each there is, by the ledger. Platform only."""
    rows = StorageEntry.objects.all()
    if organization_ids is not None:
        rows = rows.filter(organization_id__in=organization_ids)
    sums = rows.values_list("organization_id").annotate(sum=Sum("delta_bytes")).order_by()
    return {organization_id: int(total) for organization_id, total in sums}
