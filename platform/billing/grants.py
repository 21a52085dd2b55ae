"""What staff give an organization: a plan without charge until a day, a longer trial, credit at Stripe.

Who may, and the record of it, are the caller's. Platform only.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from billing import gateway, ledger
from billing.catalog import TRIAL
from billing.clock import now_of
from billing.entitlements.applying import apply, subscription_of
from billing.errors import BilledByStripe, NoBillingAccount, NotOnTrial, SeatsInUse
from billing.features import SEATS
from billing.models import BillingAccount, Quota, StripeIntent, Subscription
from billing.offers import newest_of
from billing.subscriptions import intents
from billing.subscriptions.intents import Purpose, Result
from core.errors import ValidationFailed

State = Subscription.State

# Longer than this is no gift but a plan: it is looked at again.
LONGEST = timedelta(days=2 * 366)
LONGEST_TRIAL = timedelta(days=180)
MOST_CREDIT_MINOR = 1_000_000


@dataclass(frozen=True, slots=True)
class Given:
    """What was in force before, and what is now: for the record."""

    before: str
    after: str


@transaction.atomic
def give_plan(organization_id: UUID, *, plan: str, seats: int, until: datetime) -> Given:
    """Put an organization on the newest version of ``plan`` without charge until a moment.

    Then it ends as a trial does: owners are reminded before, and without a plan the organization is read-only. One that
    they buy meanwhile is charged from then on; until then they have the better of both.
    :func:`billing.subscriptions.standing.settle` comes after the commit.

    Raises:
        BilledByStripe: it pays already; credit is what can be given. UnknownPlan: there is no such plan.
        SeatsInUse: more people may sign in. ValidationFailed: the end or the number does not hold.
    """
    account = _locked(organization_id)
    if plan == TRIAL:
        raise ValidationFailed(errors={"plan": "A trial is made longer, not given."})
    version = newest_of(plan)
    _check_end(account, until, LONGEST, "until")
    if seats < version.seats_min:
        raise ValidationFailed(errors={"seats": f"{version.plan.name} begins with {version.seats_min} seats."})
    quota = Quota.objects.filter(organization_id=organization_id, meter=SEATS).first()
    used = quota.used if quota else 0
    if seats < used:
        raise SeatsInUse(f"{used} people may sign in. Give at least as many seats.", used=used, to_free=used - seats)
    running = subscription_of(organization_id)
    if _is_billed(running):
        raise BilledByStripe
    moment = now_of(account)
    before = copy.copy(running)
    if running is not None and running.state != State.CANCELED:
        running.state, running.canceled_at = State.CANCELED, moment
        running.save(update_fields=["state", "canceled_at"])
    made = Subscription.objects.create(
        organization_id=organization_id,
        version=version,
        state=State.TRIALING,
        is_comp=True,
        seats=seats,
        currency=account.currency,
        period_start=moment,
        period_end=until,
        trial_end_at=until,
        started_at=moment,
        # Shut by billing, it is opened again by billing.
        read_only_at=running.read_only_at if running is not None else None,
    )
    ledger.note(before, made)
    apply(organization_id)
    return Given(_words(before), _words(made))


@transaction.atomic
def extend_trial(organization_id: UUID, *, until: datetime) -> Given:
    """Let a trial, or a plan that was given, end at another moment; one that is over begins again.

    :func:`billing.subscriptions.standing.settle` comes after the commit.

    Raises:
        NotOnTrial: it has neither. BilledByStripe: its trial is Stripe's by now, and is changed there.
        ValidationFailed: the moment is past, or too far.
    """
    account = _locked(organization_id)
    row = subscription_of(organization_id)
    if _is_billed(row):
        raise BilledByStripe
    if row is None or row.stripe_id or row.trial_end_at is None or row.state not in (State.TRIALING, State.READ_ONLY):
        raise NotOnTrial
    _check_end(account, until, LONGEST if row.is_comp else LONGEST_TRIAL, "until")
    before = copy.copy(row)
    row.state, row.trial_end_at, row.period_end = State.TRIALING, until, until
    row.save(update_fields=["state", "trial_end_at", "period_end"])
    ledger.note(before, row)
    apply(organization_id)
    return Given(_words(before), _words(row))


@transaction.atomic
def begin_credit(
    organization_id: UUID, *, amount_minor: int, currency: str, note: str, press: str, by: UUID
) -> StripeIntent:
    """Write down that an organization is given money to spend on invoices to come; running the intent gives it.

    ``press`` names what was pressed: pressed twice, it is one.

    Raises:
        ValidationFailed: the amount does not hold, or the organization pays in another currency.
        NoBillingAccount: it has no customer at Stripe; see :func:`billing.subscriptions.customers.ensure`.
    """
    account = _locked(organization_id)
    if not 0 < amount_minor <= MOST_CREDIT_MINOR:
        most = MOST_CREDIT_MINOR // 100
        raise ValidationFailed(errors={"amount_minor": f"Give more than nothing, and {most} at most."})
    if currency != account.currency:
        raise ValidationFailed(errors={"currency": f"This organization pays in {account.currency.upper()}."})
    if account.stripe_customer is None:
        raise NoBillingAccount(str(organization_id))
    request = {"customer": account.stripe_customer, "amount_minor": amount_minor, "currency": currency, "note": note}
    return intents.begin(organization_id, "credit", request, press=press, by=by)


def credits_of(organization_id: UUID) -> list[StripeIntent]:
    """Return credit that was given, newest first."""
    return list(
        StripeIntent.objects.filter(organization_id=organization_id, purpose="credit").order_by("-created_at")[:20]
    )


def _check_end(account: BillingAccount, until: datetime, longest: timedelta, name: str) -> None:
    moment = now_of(account)
    if until <= moment:
        raise ValidationFailed(errors={name: "This moment is past."})
    if until > moment + longest:
        raise ValidationFailed(errors={name: f"At most {longest.days} days from now."})


def _is_billed(row: Subscription | None) -> bool:
    return row is not None and bool(row.stripe_id) and row.state != State.CANCELED


def _words(row: Subscription | None) -> str:
    """Return a subscription in one line, for the record."""
    if row is None:
        return ""
    until = f" until {row.trial_end_at:%Y-%m-%d}" if row.trial_end_at else ""
    return f"{row.version.plan_id} v{row.version.number}, {row.seats} seats, {row.state}{until}"


def _locked(organization_id: UUID) -> BillingAccount:
    account = BillingAccount.objects.select_for_update().filter(organization_id=organization_id).first()
    if account is None:
        raise NoBillingAccount(str(organization_id))
    return account


def _call(intent: StripeIntent) -> Result:
    asked = intent.request
    made = gateway.credit(
        asked["customer"],
        amount_minor=asked["amount_minor"],
        currency=asked["currency"],
        description=asked["note"],
        key=str(intent.id),
    )
    return {"transaction": made["id"], "balance_minor": -made["ending_balance"]}


intents.purpose("credit", Purpose(_call))
