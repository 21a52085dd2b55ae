"""More people who may sign in than seats that are paid for: said to owners, and read-only after two weeks.

Quotas refuse who would be one too many, and what is bought is held against people beforehand. What is left are limits
that fall for another reason: a grant that ends, a subscription that was changed in Stripe's dashboard, a page of
Stripe's that was paid long after it was opened. Nobody is locked out for that; but nobody pays for them either.

Learners go on, as ever. Suspending people, or taking more seats, opens the studio again: both are possible meanwhile.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

import tenancy
from billing.dunning import letters, reminders
from billing.features import SEATS
from billing.models import BillingAccount, Quota, Subscription
from billing.subscriptions import standing
from billing.subscriptions.crowds import GRACE, living, over_seats
from core.clock import iso, now

TOLD_ON_DAYS = (0, 7, 12)
_A_RUN = 200


def advance() -> int:
    """Shut whoever has had more people than seats for two weeks; return how many that were. Platform only."""
    late = _over().filter(over_since_at__lte=now() - GRACE)
    open_ones = living().filter(organization_id=OuterRef("organization_id"), read_only_at=None)
    due = list(late.filter(Exists(open_ones)).values_list("organization_id", flat=True)[:_A_RUN])
    for organization_id in due:
        standing.settle(organization_id)
    return len(due)


def remind() -> int:
    """Write to whoever has more people than seats; return to how many. No transaction may be open. Platform only."""
    told = 0
    for organization_id in list(_over().order_by("over_since_at").values_list("organization_id", flat=True)):
        row = living().filter(organization_id=organization_id).first()
        if row is not None and _key(row) is not None:
            told += reminders.told(organization_id, key_of=_key_at, write=_letter)
    return told


def _over() -> QuerySet[Quota]:
    mine = living().filter(organization_id=OuterRef("organization_id"))
    return Quota.objects.filter(Exists(mine), meter=SEATS, over_since_at__isnull=False)


def _key(row: Subscription) -> str | None:
    since = over_seats(row)
    if since is None:
        return None
    due = [day for day in TOLD_ON_DAYS if day <= (now() - since).days]
    key = f"seats:{iso(since)}:{due[-1]}" if due else None
    return None if key is None or key in row.reminded else key


def _key_at(row: Subscription, at: datetime) -> str | None:
    return _key(row)  # people are counted in our own time, a sandbox's too


def _letter(row: Subscription, account: BillingAccount, record: tenancy.TenantRecord) -> dict[str, Any]:
    quota = Quota.objects.get(organization_id=row.organization_id, meter=SEATS)
    since = quota.over_since_at or now()
    return letters.crowded(record, people=quota.used, seats=quota.plan_limit or 0, shuts=since + GRACE)
