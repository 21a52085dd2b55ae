"""Days: where amounts are added up by organization, meter, day and course, with the part that is to be paid for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import Q, Sum

from billing.models import Quota, UsageDay


@dataclass(frozen=True, slots=True)
class Day:
    """What a row of :class:`UsageDay` is known by."""

    organization_id: UUID
    meter: str
    on: date
    course_id: UUID | None

    @property
    def order(self) -> tuple[str, ...]:
        """Everybody who adds goes through rows in this order, so that no two wait for each other."""
        return (str(self.organization_id), self.meter, self.on.isoformat(), str(self.course_id or ""))


def add(amounts: Mapping[Day, int]) -> None:
    """Add to days; call inside the transaction of what is counted. Platform only.

    Where the organization chose to pay for more than its plan includes, what is beyond that is noted as overage in the
    same step: amounts that came before the choice stay free, whatever is chosen or bought afterwards.
    """
    order = sorted((day for day, amount in amounts.items() if amount), key=lambda day: day.order)
    if not order:
        return
    beyond = _overage(order, amounts)
    with connection.cursor() as cursor:
        cursor.execute(
            _ADD,
            [
                [day.organization_id for day in order],
                [day.meter for day in order],
                [day.on for day in order],
                [day.course_id for day in order],
                [amounts[day] for day in order],
                [beyond.get(day, 0) for day in order],
            ],
        )


def _overage(order: list[Day], amounts: Mapping[Day, int]) -> dict[Day, int]:
    """Return how much of each amount is beyond what is included. Locks the meters that pay for more."""
    paying = _paying(order)
    if not paying:
        return {}
    ours = [day for day in order if (day.organization_id, day.meter) in paying]
    held = _held_in_months(ours)
    found = {}
    for day in ours:
        month = (day.organization_id, day.meter, day.on.replace(day=1))
        before, amount = held.get(month, 0), amounts[day]
        found[day] = max(0, before + amount - max(before, paying[day.organization_id, day.meter]))
        held[month] = before + amount
    return found


def _paying(order: Iterable[Day]) -> dict[tuple[UUID, str], int]:
    wanted = {(day.organization_id, day.meter) for day in order}
    rows = Quota.objects.select_for_update().filter(
        organization_id__in={organization_id for organization_id, _ in wanted}, overage=True, plan_limit__isnull=False
    )
    return {
        (row.organization_id, row.meter): int(row.plan_limit or 0)
        for row in rows.order_by("organization_id", "meter")
        if (row.organization_id, row.meter) in wanted
    }


def _held_in_months(days: Iterable[Day]) -> dict[tuple[UUID, str, date], int]:
    months = {(day.organization_id, day.meter, day.on.replace(day=1)) for day in days}
    which = Q()
    for organization_id, meter, first in months:
        which |= Q(organization_id=organization_id, meter=meter, on__year=first.year, on__month=first.month)
    held: dict[tuple[UUID, str, date], int] = {}
    rows = UsageDay.objects.filter(which).values_list("organization_id", "meter", "on")
    for organization_id, meter, on, amount in rows.annotate(Sum("amount")).order_by():
        month = (organization_id, meter, on.replace(day=1))
        held[month] = held.get(month, 0) + int(amount)
    return held


_ADD = """
INSERT INTO billing_usageday AS d (id, organization_id, meter, "on", course_id, amount, overage, reported)
SELECT gen_random_uuid(), n.organization_id, n.meter, n."on", n.course_id, n.amount, n.overage, 0
FROM unnest(%s::uuid[], %s::text[], %s::date[], %s::uuid[], %s::bigint[], %s::bigint[])
  AS n (organization_id, meter, "on", course_id, amount, overage)
ON CONFLICT (organization_id, meter, "on", course_id)
DO UPDATE SET amount = d.amount + excluded.amount, overage = d.overage + excluded.overage
"""
