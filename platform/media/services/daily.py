"""Storage, encoding and delivery of organizations by day (UTC): the three things that cost money."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Sum
from django.db.models.functions import TruncDate

from billing import api as billing
from media.models import StorageEntry


@dataclass(frozen=True, slots=True)
class Day:
    """One organization's day. ``stored_bytes`` is what lay there when the day ended, by the ledger."""

    organization_id: UUID
    on: date
    stored_bytes: int
    encoded_seconds: int
    delivered_bytes: int


def days(organization_ids: Collection[UUID], *, since: date, until: date) -> Iterator[Day]:
    """Yield each organization's days from ``since`` to ``until``, both included. Must run on the platform.

    The ledger and the days of usage are only ever added to, so a day that is over says the same for ever, but for lines
    of a delivery log that came late.
    """
    encoded = billing.amounts_by_day(organization_ids, billing.TRANSCODE_SECONDS, since=since, until=until)
    delivered = billing.amounts_by_day(organization_ids, billing.DELIVERED_BYTES, since=since, until=until)
    first, end = _midnight(since), _midnight(until + timedelta(days=1))
    entries = StorageEntry.objects.filter(organization_id__in=organization_ids)
    sums = entries.filter(at__lt=first).values_list("organization_id").annotate(sum=Sum("delta_bytes")).order_by()
    before = {organization_id: int(total) for organization_id, total in sums}
    moved: dict[tuple[UUID, date], int] = {}
    changes = entries.filter(at__gte=first, at__lt=end).annotate(on=TruncDate("at", tzinfo=UTC))
    by_day = changes.values_list("organization_id", "on").annotate(sum=Sum("delta_bytes")).order_by()
    for organization_id, on, delta in by_day:
        moved[organization_id, on] = int(delta)
    for organization_id in organization_ids:
        stored = before.get(organization_id, 0)
        for number in range((until - since).days + 1):
            on = since + timedelta(days=number)
            key = (organization_id, on)
            stored += moved.get(key, 0)
            yield Day(organization_id, on, stored, encoded.get(key, 0), delivered.get(key, 0))


def _midnight(on: date) -> datetime:
    return datetime.combine(on, time.min, UTC)
