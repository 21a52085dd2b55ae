"""Delivered bytes, read from logs: a log's position moves in the transaction that counts what lies before it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.conf import settings
from django.db import connection, transaction
from django_tenants.utils import get_tenant_model

from billing.meters import DELIVERED_BYTES
from billing.models import BillingAccount, DeliveryLog
from billing.usage import days
from core.clock import now

_log = logging.getLogger(__name__)
_IDS = UUID("0b1f6a51-2f3e-5d0c-8b37-6c2f0a8f4d2e")


@dataclass(frozen=True, slots=True)
class Hour:
    """The bytes of one hour go to one organization and course; ``course_id`` None where no course is known."""

    organization_id: UUID
    course_id: UUID | None
    at: datetime


def counted_to(log_id: str) -> int:
    """Return up to which byte a log has been counted. Platform only."""
    return DeliveryLog.objects.filter(id=log_id).values_list("counted_to", flat=True).first() or 0


def positions(log_ids: Iterable[str]) -> dict[str, int]:
    """Return up to which byte each of these logs has been counted; those that were not are left out. Platform only."""
    return dict(DeliveryLog.objects.filter(id__in=list(log_ids)).values_list("id", "counted_to"))


@transaction.atomic
def note_delivered(log_id: str, *, start: int, end: int, amounts: Mapping[Hour, int]) -> bool:
    """Count what the bytes ``start`` to ``end`` of a log say was delivered; return whether it was counted.

    False: somebody counted from there before, or an organization is just being moved and its part has to wait. Nothing
    was counted then; ask for the position and try again. Organizations that are gone, or live in another cell by now,
    are left out. Platform only.
    """
    DeliveryLog.objects.bulk_create([DeliveryLog(id=log_id)], ignore_conflicts=True)
    log = DeliveryLog.objects.select_for_update().get(id=log_id)
    if log.counted_to != start:
        return False
    here = _here({hour.organization_id for hour in amounts})
    if here is None:
        return False
    ours = {hour: amount for hour, amount in amounts.items() if hour.organization_id in here and amount > 0}
    if ours:
        _count(ours)
    log.counted_to, log.updated_at = end, now()
    log.save(update_fields=["counted_to", "updated_at"])
    return True


def forget_logs(*, unused_for: timedelta = timedelta(days=90)) -> int:
    """Forget the positions of logs that were rotated away long ago; return how many. Platform only."""
    return DeliveryLog.objects.filter(updated_at__lt=now() - unused_for).delete()[0]


def _here(organization_ids: set[UUID]) -> set[UUID] | None:
    """Return those that live here, or None where one of them takes no writes just now."""
    organizations = get_tenant_model().objects.filter(id__in=organization_ids, cell=settings.CELL)
    rows = organizations.exclude(state="deleted").values_list("id", "frozen_at")
    if any(frozen_at for _, frozen_at in rows):
        return None
    found = {organization_id for organization_id, _ in rows}
    if len(found) < len(organization_ids):
        _log.warning("delivery.of_nobody_here", extra={"organizations": len(organization_ids - found)})
    return found


def _count(amounts: Mapping[Hour, int]) -> None:
    accounts = BillingAccount.objects.filter(organization_id__in={hour.organization_id for hour in amounts})
    ahead = dict(accounts.values_list("organization_id", "ahead_seconds"))
    of_days: dict[days.Day, int] = {}
    events = []
    for hour, amount in amounts.items():
        on = (hour.at + timedelta(seconds=ahead.get(hour.organization_id, 0))).date()
        day = days.Day(hour.organization_id, DELIVERED_BYTES, on, hour.course_id)
        of_days[day] = of_days.get(day, 0) + amount
        events.append((_event_id(hour, day), day, hour, amount))
    events.sort(key=lambda event: event[0].bytes)
    with connection.cursor() as cursor:
        cursor.execute(
            _EVENTS,
            [
                DELIVERED_BYTES,
                now(),
                [event_id for event_id, _, _, _ in events],
                [day.organization_id for _, day, _, _ in events],
                [amount for _, _, _, amount in events],
                [day.course_id for _, day, _, _ in events],
                [hour.at for _, _, hour, _ in events],
                [day.on for _, day, _, _ in events],
            ],
        )
        days.add(of_days)
        order = sorted(of_days, key=lambda day: day.order)
        cursor.execute(
            _METERS,
            {
                "meter": DELIVERED_BYTES,
                "now": now(),
                "organizations": [day.organization_id for day in order],
                "months": [day.on.replace(day=1) for day in order],
                "amounts": [of_days[day] for day in order],
            },
        )


def _event_id(hour: Hour, day: days.Day) -> UUID:
    return uuid5(_IDS, f"{hour.organization_id}/{hour.course_id or ''}/{hour.at.timestamp():.0f}/{day.on}")


_EVENTS = """
INSERT INTO billing_usageevent AS e (id, meter, folded_at, organization_id, amount, course_id, at, counted_on)
SELECT n.id, %s, %s, n.organization_id, n.amount, n.course_id, n.at, n.counted_on
FROM unnest(%s::uuid[], %s::uuid[], %s::bigint[], %s::uuid[], %s::timestamptz[], %s::date[])
  AS n (id, organization_id, amount, course_id, at, counted_on)
ON CONFLICT (id) DO UPDATE SET amount = e.amount + excluded.amount
"""
# Bytes of a month that is over were counted on its days, and are none of this month's.
_METERS = """
WITH more AS (
  SELECT organization_id, month, sum(amount)::bigint AS amount
  FROM unnest(%(organizations)s::uuid[], %(months)s::date[], %(amounts)s::bigint[])
    AS n (organization_id, month, amount)
  GROUP BY organization_id, month
), held AS (
  SELECT q.id, more.amount FROM billing_quota q JOIN more ON more.organization_id = q.organization_id
  WHERE q.meter = %(meter)s AND q.period = more.month ORDER BY q.organization_id FOR UPDATE OF q
)
UPDATE billing_quota q SET
  used = q.used + held.amount,
  hard_limit = CASE WHEN q.plan_limit IS NULL THEN NULL
    ELSE greatest(q.plan_limit, q.used + held.amount + q.reserved) END,
  over_since_at = CASE WHEN q.plan_limit < q.used + held.amount + q.reserved
    THEN coalesce(q.over_since_at, %(now)s) END,
  updated_at = %(now)s
FROM held WHERE q.id = held.id
"""
