"""Cap or overage: what happens beyond what a plan includes is the owner's choice, for each meter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal
from uuid import UUID

from django.db import transaction
from django.db.models import Case, F, Value, When
from django.db.models.functions import Greatest

import tenancy
from billing.errors import OverageNotOffered
from billing.meters import DELIVERED_BYTES
from billing.models import BillingAccount, Quota, Subscription
from billing.usage.prices import overage_price
from core.clock import now
from tenants.api import note

Mode = Literal["cap", "overage"]
# How far beyond their organization's allowance learners may still begin to watch: they are affected last.
SPARE_PERCENT = 10


def may_deliver(*, spare_percent: int = 0) -> bool:
    """Whether new playing may begin in the bound organization. What plays goes on, whatever this says.

    ``spare_percent`` is how far beyond its allowance this still holds: those who are to be affected last have some.
    """
    row = Quota.objects.filter(organization_id=tenancy.current().id, meter=DELIVERED_BYTES).first()
    if row is None or row.plan_limit is None or row.overage:
        return True
    return row.used * 100 < row.plan_limit * (100 + spare_percent)


def _is_charged(subscription: Subscription, meter: str) -> bool:
    """Whether use beyond the plan would be paid for: what a trial uses, Stripe invoices nobody for."""
    return subscription.state != Subscription.State.TRIALING and overage_price(subscription, meter) is not None


@transaction.atomic
def choose(organization_id: UUID, modes: Mapping[str, Mode]) -> bool:
    """Let what goes beyond the plan wait (``cap``) or be paid for (``overage``), by meter; return whether it changed.

    It holds from now on: what was used before, beyond the plan, is not charged. Platform only.

    Raises:
        OverageNotOffered: there is no paid plan to charge it to, or it has no price for that.
    """
    BillingAccount.objects.select_for_update().filter(organization_id=organization_id).first()
    subscription = (
        Subscription.objects.select_related("version")
        .filter(organization_id=organization_id)
        .exclude(state=Subscription.State.CANCELED)
        .first()
    )
    changes: dict[str, list[str]] = {}
    rows = Quota.objects.select_for_update().filter(organization_id=organization_id, meter__in=list(modes))
    for row in rows.order_by("meter"):
        wanted = modes[row.meter] == "overage"
        if wanted == row.overage:
            continue
        if wanted and (subscription is None or not _is_charged(subscription, row.meter)):
            raise OverageNotOffered("More than what is included can be paid for once you are on a plan that is paid.")
        total = F("used") + F("reserved")
        Quota.objects.filter(id=row.id).update(
            overage=wanted,
            hard_limit=Case(When(plan_limit__isnull=True, then=Value(None)), default=Greatest(F("plan_limit"), total)),
            updated_at=now(),
        )
        changes[row.meter] = ["overage" if row.overage else "cap", modes[row.meter]]
    if changes:
        note(organization_id, "billing.overage.chosen", changes=changes)
    return bool(changes)
