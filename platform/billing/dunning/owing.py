"""Letters about what is still owed of a plan that is over: nobody else asks for it, and it stands before a new one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F
from django_tenants.utils import get_tenant_model

import tenancy
from billing.clock import now_of
from billing.dunning import letters, reminders
from billing.entitlements.applying import subscription_of
from billing.models import BillingAccount, Invoice, Subscription
from billing.subscriptions import debts
from core.clock import now

DAYS = (0, 7, 21)
# Who has not paid by then is not written to by this any more.
_ASKED_FOR = timedelta(days=120)

State = Subscription.State


def remind() -> int:
    """Write to whoever left owing; return to how many. No transaction may be open. Platform only."""
    told = 0
    for organization_id in _owing():
        row = subscription_of(organization_id)
        account = BillingAccount.objects.filter(organization_id=organization_id).first()
        if row is not None and account is not None and _key(row, now_of(account)) is not None:
            told += reminders.told(organization_id, key_of=_key, write=_letter)
    return told


def _owing() -> list[UUID]:
    ended = Subscription.objects.filter(state=State.CANCELED, stripe_id__isnull=False)
    # Who asked for the deletion was told then that it stays due, and cannot choose a plan in any case.
    leaving = get_tenant_model().objects.filter(state__in=("failed", "pending_deletion", "deleting", "deleted"))
    rows = Invoice.objects.exclude(organization_id__in=leaving.values("id")).filter(
        status__in=debts.OWED,
        total_minor__gt=F("paid_minor"),
        issued_at__gt=now() - _ASKED_FOR,
        stripe_subscription__in=ended.values("stripe_id"),
    )
    return list(rows.order_by("organization_id").values_list("organization_id", flat=True).distinct())


def _key(row: Subscription, at: datetime) -> str | None:
    """Return the name of the letter that is due and was not sent; None where none is, or a plan runs again."""
    owed = debts.of_former(row.organization_id) if row.state == State.CANCELED else None
    if owed is None:
        return None
    since = max(owed.due_at or owed.issued_at, row.canceled_at or owed.issued_at)
    due = [day for day in DAYS if timedelta(days=day) <= at - since]
    key = f"owed:{owed.stripe_id}:{due[-1]}" if due else None
    return None if key is None or key in row.reminded else key


def _letter(row: Subscription, account: BillingAccount, record: tenancy.TenantRecord) -> dict[str, Any]:
    owed = debts.of_former(row.organization_id)
    assert owed is not None  # the key was of it, under the account's lock
    return letters.owing(record, owed)
