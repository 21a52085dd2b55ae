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
from billing.clock import now_of
from billing.dunning import letters, reminders
from billing.features import SEATS
from billing.models import BillingAccount, Quota, Subscription
from billing.subscriptions import standing
from billing.subscriptions.crowds import GRACE, is_too_long, letter_of, living, over_seats, told_since

TOLD_ON_DAYS = (0, 7, 12)


def advance() -> int:
    """Shut whoever has had more people than seats for two weeks; return how many that were. Platform only."""
    over = _over().values("organization_id")
    due = [row for row in living().filter(read_only_at=None, organization_id__in=over) if is_too_long(row)]
    for row in due:
        standing.settle(row.organization_id)
    return len(due)


def remind() -> int:
    """Write to whoever has more people than seats; return to how many. No transaction may be open. Platform only."""
    told = 0
    for organization_id in list(_over().order_by("over_since_at").values_list("organization_id", flat=True)):
        row = living().filter(organization_id=organization_id).first()
        account = BillingAccount.objects.filter(organization_id=organization_id).first()
        if row is not None and account is not None and _key(row, now_of(account)) is not None:
            told += reminders.told(organization_id, key_of=_key, write=_letter)
    return told


def _over() -> QuerySet[Quota]:
    mine = living().filter(organization_id=OuterRef("organization_id"))
    return Quota.objects.filter(Exists(mine), meter=SEATS, over_since_at__isnull=False)


def _key(row: Subscription, at: datetime) -> str | None:
    since = over_seats(row)
    if since is None:
        return None
    days = (at - (told_since(row) or at)).days
    key = letter_of(since, max((day for day in TOLD_ON_DAYS if day <= days), default=0))
    return None if key in row.reminded else key


def _letter(row: Subscription, account: BillingAccount, record: tenancy.TenantRecord) -> dict[str, Any]:
    quota = Quota.objects.get(organization_id=row.organization_id, meter=SEATS)
    told = told_since(row) or now_of(account)
    return letters.crowded(record, people=quota.used, seats=quota.plan_limit or 0, shuts=told + GRACE)
