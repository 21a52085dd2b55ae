"""A sandbox's clock moved: the accounts on it go along, and what falls due on the way is done."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction

from billing import entitlements, gateway
from billing.models import BillingAccount
from billing.subscriptions.fold import when
from core.clock import now

_TICK = timedelta(seconds=5)


def follow(clock: str) -> int:
    """Set the time of every account on a test clock to the clock's; return how many moved. Nothing with a live key.

    No transaction may be open. Platform only.
    """
    if gateway.is_live():
        return 0
    frozen = when(gateway.sandbox_clock(clock)["frozen_time"])
    if frozen is None:
        return 0
    ahead = max(0, round((frozen - now()).total_seconds()))
    customers = gateway.customers_on_clock(clock)
    rows = BillingAccount.objects.filter(stripe_customer__in=customers).values_list("organization_id", flat=True)
    return sum(_move(organization_id, ahead) for organization_id in list(rows))


@transaction.atomic
def _move(organization_id: UUID, ahead: int) -> bool:
    account = BillingAccount.objects.select_for_update().get(organization_id=organization_id)
    if abs(account.ahead_seconds - ahead) <= _TICK.total_seconds():
        return False
    account.ahead_seconds = ahead
    account.save(update_fields=["ahead_seconds"])
    entitlements.apply(account.organization_id)
    return True
