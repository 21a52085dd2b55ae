"""Billing accounts: which plan an organization is on, and who it is at the payment provider. Platform only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count

from billing.catalog import TRIAL_DAYS
from billing.dto import SeatPrice
from billing.entitlements.applying import apply, subscription_of
from billing.features import SEATS
from billing.gauges import OF_A_SCHEMA, recount_fleet
from billing.meters import COUNTED
from billing.models import BillingAccount, PlanVersion, Quota, Subscription
from billing.offers import newest_of
from billing.plans import PLANS, TRIAL
from billing.selectors import whose
from billing.services import open_quotas
from core.clock import now
from events.api import run_soon
from tenants import api as tenants


def plan_of(organization_id: UUID) -> str:
    """Return the key of the organization's plan."""
    return plans_of([organization_id])[organization_id]


def plans_of(organization_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the plan of each organization; one without an account is on trial."""
    wanted = list(organization_ids)
    rows = BillingAccount.objects.filter(organization_id__in=wanted).values_list("organization_id", "plan")
    return {**dict.fromkeys(wanted, TRIAL), **dict(rows)}


def customer_of(organization_id: UUID) -> str | None:
    """Return the organization's customer id at Stripe, or None where it has none."""
    rows = BillingAccount.objects.filter(organization_id=organization_id).values_list("stripe_customer", flat=True)
    return rows.first()


def organizations_of_customer(stripe_customer: str) -> list[UUID]:
    """Return whose customer id this is, or was: one organization, or none."""
    return list(whose([stripe_customer]).values())


@transaction.atomic
def open_account(organization_id: UUID) -> None:
    """Give an organization its account, its quotas and its subscription: the trial of two weeks. Safe to repeat.

    An account from before there were subscriptions keeps the plan that staff put it on.
    """
    account = _locked(organization_id)
    open_quotas(organization_id)
    if subscription_of(organization_id) is None:
        plan = account.plan if account.plan in PLANS else TRIAL
        _begin(organization_id, newest_of(plan), seats=0)
    apply(organization_id)


def open_missing(*, limit: int | None = None) -> int:
    """Open the accounts of organizations that a release before left without one, or without a meter; return how many.

    They are at work already: what they have is counted at once, not when the gauges' turn comes.
    """
    opened = Quota.objects.filter(meter__in=COUNTED).values("organization_id").annotate(meters=Count("id"))
    whole = set(opened.filter(meters=len(COUNTED)).values_list("organization_id", flat=True))
    whole &= set(Subscription.objects.values_list("organization_id", flat=True))
    missing = [found for found in tenants.living_organization_ids() if found not in whole][:limit]
    for organization_id in missing:
        with transaction.atomic():
            open_account(organization_id)
            run_soon(organization_id, OF_A_SCHEMA)
    if missing:
        recount_fleet(missing)
    return len(missing)


def _begin(organization_id: UUID, version: PlanVersion, *, seats: int) -> Subscription:
    """Begin a subscription of ours: the trial, or a plan that nobody is charged for."""
    moment = now()
    is_trial = version.plan_id == TRIAL
    ends = moment + timedelta(days=TRIAL_DAYS)
    included = next((found.value for found in version.entitlements.all() if found.feature == SEATS), 0)
    return Subscription.objects.create(
        organization_id=organization_id,
        version=version,
        state=Subscription.State.TRIALING if is_trial else Subscription.State.ACTIVE,
        seats=(included or version.seats_min) if is_trial else max(seats, version.seats_min),
        is_comp=not is_trial,
        period_start=moment,
        period_end=ends if is_trial else None,
        trial_end_at=ends if is_trial else None,
        started_at=moment,
    )


def _locked(organization_id: UUID) -> BillingAccount:
    row, _ = BillingAccount.objects.select_for_update().get_or_create(organization_id=organization_id)
    return row


def seat_price(organization_id: UUID) -> SeatPrice | None:
    """Return what one more seat costs the organization; None where nothing is charged for it."""
    running = subscription_of(organization_id)
    if running is None or not running.stripe_id or running.is_comp:
        return None
    found = running.version.prices.get(running.currency, {}).get(running.interval)
    return SeatPrice(found["seat_minor"], running.currency, running.interval) if found else None
