"""Months of meters: what is included begins anew with each calendar month (UTC) of the account's own clock."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction

from billing.features import METERS
from core.clock import now


def roll() -> int:
    """Begin the month of every meter whose month is over; return how many began. Platform only.

    Whoever counts asks the row which month it is, so nobody's clock but this one's decides. One statement, however many
    organizations there are; what was already counted of the new month is in it.
    """
    return _count_anew("q.period IS DISTINCT FROM m.month")


def recount() -> int:
    """Set what meters say of their month to what its days hold; return how many had said otherwise. Platform only."""
    return _count_anew("q.period = m.month")


def take_back_overage() -> int:
    """End the choice to pay for more where nobody can be billed for it; return how many ended. Platform only."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_BACK, {"meters": list(METERS), "now": now()})
        return int(cursor.rowcount)


@transaction.atomic
def _count_anew(which: str) -> int:
    values: dict[str, Any] = {"meters": list(METERS), "now": now()}
    with connection.cursor() as cursor:
        # First the lock, then the look, as statements of their own: whoever counts meanwhile adds to what is set here.
        cursor.execute(_HOLD.format(months=_MONTHS, which=which), values)
        held = [quota_id for (quota_id,) in cursor.fetchall()]
        if not held:
            return 0
        cursor.execute(_COUNT.format(months=_MONTHS, counted=_COUNTED), {**values, "held": held})
        return int(cursor.rowcount)


# The month's days, and what was written for it and waits to be folded.
_COUNTED = """
  coalesce((
    SELECT sum(d.amount) FROM billing_usageday d
    WHERE d.organization_id = q.organization_id AND d.meter = q.meter
      AND d."on" >= m.month AND d."on" < m.month + interval '1 month'
  ), 0) + coalesce((
    SELECT sum(e.amount) FROM billing_usageevent e
    WHERE e.organization_id = q.organization_id AND e.meter = q.meter AND e.folded_at IS NULL
      AND date_trunc('month', (e.at + m.ahead) AT TIME ZONE 'UTC') = m.month
  ), 0)
"""
_MONTHS = """
  SELECT a.organization_id, clock.ahead,
    date_trunc('month', (%(now)s::timestamptz + clock.ahead) AT TIME ZONE 'UTC')::date AS month
  FROM billing_billingaccount a CROSS JOIN LATERAL (SELECT a.ahead_seconds * interval '1 second' AS ahead) clock
"""
_HOLD = """
SELECT q.id FROM billing_quota q JOIN ({months}) m USING (organization_id)
WHERE q.meter = ANY (%(meters)s) AND {which} ORDER BY q.organization_id, q.meter FOR UPDATE OF q
"""
_COUNT = """
WITH counted AS (
  SELECT q.id, m.month, ({counted})::bigint AS used
  FROM billing_quota q JOIN ({months}) m USING (organization_id) WHERE q.id = ANY (%(held)s::uuid[])
)
UPDATE billing_quota q SET
  period = c.month,
  used = c.used,
  hard_limit = CASE WHEN q.plan_limit IS NULL THEN NULL ELSE greatest(q.plan_limit, c.used + q.reserved) END,
  over_since_at = CASE WHEN q.plan_limit < c.used + q.reserved THEN coalesce(q.over_since_at, %(now)s) END,
  updated_at = %(now)s
FROM counted c WHERE q.id = c.id AND (q.period, q.used) IS DISTINCT FROM (c.month, c.used)
"""
_TAKE_BACK = """
UPDATE billing_quota q SET
  overage = false,
  hard_limit = CASE WHEN q.plan_limit IS NULL THEN NULL ELSE greatest(q.plan_limit, q.used + q.reserved) END,
  updated_at = %(now)s
WHERE q.overage AND q.meter = ANY (%(meters)s) AND NOT EXISTS (
  SELECT 1 FROM billing_subscription s
  WHERE s.organization_id = q.organization_id AND s.state <> 'canceled' AND s.stripe_id IS NOT NULL
)
"""
