"""Billing accounts: which plan an organization is on, and who it is at the payment provider.

An organization without a row is on trial. Must run on the platform.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from billing.errors import CustomerTaken, UnknownPlan
from billing.models import BillingAccount
from billing.plans import PLANS, TRIAL
from billing.services import set_limit
from core.clock import now


def plan_of(organization_id: UUID) -> str:
    """Return the key of the organization's plan."""
    return plans_of([organization_id])[organization_id]


def plans_of(organization_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the plan of each organization."""
    wanted = list(organization_ids)
    rows = BillingAccount.objects.filter(organization_id__in=wanted).values_list("organization_id", "plan")
    return {**dict.fromkeys(wanted, TRIAL), **dict(rows)}


def customer_of(organization_id: UUID) -> str | None:
    """Return the organization's customer id at Stripe, or None where it has none."""
    rows = BillingAccount.objects.filter(organization_id=organization_id).values_list("stripe_customer", flat=True)
    return rows.first()


def organizations_of_customer(stripe_customer: str) -> list[UUID]:
    """Return whose customer id this is: one organization, or none."""
    rows = BillingAccount.objects.filter(stripe_customer=stripe_customer)
    return list(rows.values_list("organization_id", flat=True))


@transaction.atomic
def assign(organization_id: UUID, *, plan: str, stripe_customer: str | None) -> tuple[str, str | None]:
    """Put an organization on ``plan`` and note its customer id; return what both were before.

    The plan's limits take effect at once. Below what is in use nothing breaks: growth stops.

    Raises:
        UnknownPlan: there is no such plan. CustomerTaken: another organization has this customer id.
    """
    if plan not in PLANS:
        raise UnknownPlan
    taken = BillingAccount.objects.filter(stripe_customer=stripe_customer).exclude(organization_id=organization_id)
    if stripe_customer and taken.exists():
        raise CustomerTaken
    row, _ = BillingAccount.objects.select_for_update().get_or_create(organization_id=organization_id)
    before = (row.plan, row.stripe_customer)
    row.plan, row.stripe_customer, row.updated_at = plan, stripe_customer or None, now()
    row.save()
    if plan != before[0]:
        for meter, limit in PLANS[plan].limits.items():
            set_limit(organization_id, meter, limit)
    return before
