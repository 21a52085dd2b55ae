"""The nightly comparison: days say what the events of them say, or are put right and named."""

from __future__ import annotations

import logging
from datetime import date, timedelta
from uuid import UUID

from django.db import connection, transaction

from billing.models import UsageEvent
from billing.usage import days
from core.clock import now

_log = logging.getLogger(__name__)

# Events are kept longer than they are compared.
COMPARED = timedelta(days=35)
KEPT = timedelta(days=70)


@transaction.atomic
def compare_days() -> list[tuple[days.Day, int]]:
    """Put days right that hold another amount than their events; return them with what was missing. Platform only.

    Events and days change in one transaction, so a difference is a fault of somebody's, and is logged as one.
    """
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENCES, {"since": _since()})
        found = [(_day(*row[:4]), int(row[4])) for row in cursor.fetchall()]
        for day, missing in found:
            _log.error(
                "usage.day_differs",
                extra={
                    "organization_id": str(day.organization_id),
                    "meter": day.meter,
                    "on": str(day.on),
                    "course_id": str(day.course_id or ""),
                    "missing": missing,
                },
            )
            cursor.execute(_SET_RIGHT, [day.organization_id, day.meter, day.on, day.course_id, missing])
    return found


def purge() -> int:
    """Forget events that no comparison asks for any more; their days stay. Platform only."""
    return UsageEvent.objects.filter(counted_on__lt=(now() - KEPT).date(), folded_at__lt=now() - KEPT).delete()[0]


def _since() -> date:
    return (now() - COMPARED).date()


def _day(organization_id: UUID, meter: str, on: date, course_id: UUID | None) -> days.Day:
    return days.Day(organization_id, meter, on, course_id)


_DIFFERENCES = """
WITH events AS (
  SELECT organization_id, meter, counted_on AS "on", course_id, sum(amount) AS amount
  FROM billing_usageevent WHERE counted_on >= %(since)s GROUP BY 1, 2, 3, 4
), held AS (
  SELECT organization_id, meter, "on", course_id, amount FROM billing_usageday WHERE "on" >= %(since)s
)
SELECT coalesce(e.organization_id, d.organization_id), coalesce(e.meter, d.meter), coalesce(e."on", d."on"),
  coalesce(e.course_id, d.course_id), coalesce(e.amount, 0) - coalesce(d.amount, 0)
FROM events e FULL JOIN held d
  ON d.organization_id = e.organization_id AND d.meter = e.meter AND d."on" = e."on"
  AND coalesce(d.course_id, d.organization_id) = coalesce(e.course_id, e.organization_id)
WHERE coalesce(e.amount, 0) <> coalesce(d.amount, 0)
ORDER BY 1, 2, 3
"""
_SET_RIGHT = """
INSERT INTO billing_usageday AS d (id, organization_id, meter, "on", course_id, amount, overage, reported)
VALUES (gen_random_uuid(), %s, %s, %s, %s, %s, 0, 0)
ON CONFLICT (organization_id, meter, "on", course_id) DO UPDATE SET amount = greatest(0, d.amount + excluded.amount)
"""
