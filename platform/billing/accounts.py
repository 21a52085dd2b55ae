"""Billing accounts: which plan an organization is on, and who it is at the payment provider. Platform only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from billing.catalog import TRIAL_DAYS
from billing.dto import SeatPrice
from billing.entitlements.applying import apply, subscription_of
from billing.errors import BilledByStripe, CustomerTaken, UnknownPlan
from billing.features import SEATS
from billing.models import BillingAccount, PlanVersion, Subscription
from billing.offers import newest_of
from billing.plans import PLANS, TRIAL
from billing.services import open_quotas
from core.clock import now
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
    """Return whose customer id this is: one organization, or none."""
    rows = BillingAccount.objects.filter(stripe_customer=stripe_customer)
    return list(rows.values_list("organization_id", flat=True))


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
    """Open the accounts of organizations that have none, as from a release before there were any; return how many."""
    with_one = set(Subscription.objects.values_list("organization_id", flat=True))
    missing = [found for found in tenants.living_organization_ids() if found not in with_one]
    for organization_id in missing[:limit]:
        open_account(organization_id)
    return len(missing[:limit])


@transaction.atomic
def assign(organization_id: UUID, *, plan: str, stripe_customer: str | None) -> tuple[str, str | None]:
    """Put an organization on the newest version of ``plan`` without charge; return its plan and customer before.

    Its customer id is noted beside it. The plan's limits take effect at once, with as many seats as there were or as
    the plan begins with. Below what is in use nothing breaks: growth stops. Naming the plan that is in force changes
    nothing of it. The trial begins anew.

    Raises:
        UnknownPlan: there is no such plan. CustomerTaken: another organization has this customer id.
        BilledByStripe: it pays for another plan; staff do not change what somebody pays for.
    """
    if plan not in PLANS:
        raise UnknownPlan
    taken = BillingAccount.objects.filter(stripe_customer=stripe_customer).exclude(organization_id=organization_id)
    if stripe_customer and taken.exists():
        raise CustomerTaken
    account = _locked(organization_id)
    before = (account.plan, account.stripe_customer)
    running = subscription_of(organization_id)
    if plan != account.plan or running is None:
        if running is not None and running.stripe_id and running.state != Subscription.State.CANCELED:
            raise BilledByStripe
        seats = running.seats if running is not None else 0
        Subscription.objects.filter(organization_id=organization_id, stripe_id=None).exclude(
            state=Subscription.State.CANCELED
        ).update(state=Subscription.State.CANCELED, canceled_at=now())
        begun = _begin(organization_id, newest_of(plan), seats=seats)
        if running is not None and running.read_only_at is not None:
            # Shut by billing, it is opened again by billing: a duty sees it within a minute.
            Subscription.objects.filter(id=begun.id).update(read_only_at=running.read_only_at)
    account.stripe_customer, account.updated_at = stripe_customer or None, now()
    account.save(update_fields=["stripe_customer", "updated_at"])
    apply(organization_id)
    return before


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
