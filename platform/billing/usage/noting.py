"""Noting what was used, where it is used, and folding it into days later."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

import tenancy
from billing.errors import UnknownMeter
from billing.services import add as add_to_meter
from billing.usage import days
from core.clock import now


@transaction.atomic
def note_usage(
    source_id: UUID, meter: str, amount: int, *, course_id: UUID | None = None, at: datetime | None = None
) -> bool:
    """Count ``amount`` of a meter as used by the bound organization, once a ``source_id``; return whether it did.

    Call it in the transaction of what used it. The meter moves at once, days follow within seconds.
    """
    with connection.cursor() as cursor:
        # Without naming what may conflict: the door lets an organization write here, and read nothing.
        cursor.execute(_INSERT, [source_id, tenancy.current().id, meter, amount, course_id, at or now()])
        is_new = bool(cursor.rowcount)
    if is_new:
        # A meter that nobody has opened yet counts what was noted when it is: see months.roll.
        with suppress(UnknownMeter):
            add_to_meter(meter=meter, delta=amount)
    return is_new


@transaction.atomic
def fold(*, limit: int = 2000) -> int:
    """Add events that no day has yet to their days; return how many. Platform only.

    Marking them and adding them is one transaction: killed anywhere, they count once. Several at a time take different
    events.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"now": now(), "limit": limit})
        taken = cursor.fetchall()
    amounts: dict[days.Day, int] = {}
    for organization_id, meter, on, course_id, amount in taken:
        day = days.Day(organization_id, meter, on, course_id)
        amounts[day] = amounts.get(day, 0) + amount
    days.add(amounts)
    return len(taken)


_INSERT = """
INSERT INTO billing_usageevent (id, organization_id, meter, amount, course_id, at)
VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
"""
# What the wall around a moving organization leaves out of the UPDATE is not returned, and waits.
_TAKE = """
WITH due AS (
  SELECT e.id, coalesce(a.ahead_seconds, 0) * interval '1 second' AS ahead
  FROM billing_usageevent e LEFT JOIN billing_billingaccount a USING (organization_id)
  WHERE e.folded_at IS NULL ORDER BY e.id LIMIT %(limit)s FOR UPDATE OF e SKIP LOCKED
)
UPDATE billing_usageevent e SET folded_at = %(now)s, counted_on = ((e.at + due.ahead) AT TIME ZONE 'UTC')::date
FROM due WHERE e.id = due.id
RETURNING e.organization_id, e.meter, e.counted_on, e.course_id, e.amount
"""
