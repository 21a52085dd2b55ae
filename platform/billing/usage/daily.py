"""What organizations used, day by day: what a report over many of them reads."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db.models import Sum

from billing.models import UsageDay


def amounts_by_day(
    organization_ids: Collection[UUID], meter: str, *, since: date, until: date
) -> dict[tuple[UUID, date], int]:
    """Return how much of a meter each organization used on each day that it used any, over all its courses.

    Both days are in it. Platform only.
    """
    rows = UsageDay.objects.filter(
        organization_id__in=organization_ids, meter=meter, on__gte=since, on__lte=until
    ).values_list("organization_id", "on")
    sums = rows.annotate(sum=Sum("amount")).order_by()
    return {(organization_id, on): int(amount) for organization_id, on, amount in sums}
