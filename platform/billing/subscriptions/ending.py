"""Leaving, and taking it back: at the end of what is paid for, in one call, with everything to take along."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from billing import gateway
from billing.clock import now_of
from billing.entitlements.applying import subscription_of
from billing.errors import ChangeNotPossible, NoSubscription
from billing.models import BillingAccount, StripeIntent, Subscription
from billing.subscriptions import customers, intents, refreshing
from billing.subscriptions.changes import SLOT
from billing.subscriptions.intents import Overtaken, Purpose, Result
from core.clock import day, iso

_TRIES = 4


def cancellation(organization_id: UUID) -> dict[str, Any]:
    """Return whether the subscription ends, and what its end does. Platform only."""
    account = BillingAccount.objects.get(organization_id=organization_id)
    subscription = subscription_of(organization_id)
    ends = subscription.cancel_at if subscription else None
    return {
        "cancel_at": iso(ends) if ends else None,
        "what_happens": _effects(account, subscription),
        "export": {"offered": True},
    }


def cancel(organization_id: UUID, *, reason: str, comment: str, press: str = "", by: UUID | None = None) -> None:
    """Let the subscription end when what is paid for ends. Nothing is lost until then. Platform only.

    Raises:
        NoSubscription: there is none; a trial ends by itself.
        BillingUnavailable, ProviderRefused: see :mod:`billing.gateway`.
    """
    said = {"feedback": reason, "comment": comment} if comment else {"feedback": reason}
    params = {"cancel_at_period_end": True, "cancellation_details": said}
    _set(organization_id, params, is_done=lambda found: found.cancel_at is not None, press=press, by=by)


def resume(organization_id: UUID, *, press: str = "", by: UUID | None = None) -> None:
    """Take a cancellation back, however it was made. Platform only.

    Raises:
        NoSubscription: there is nothing to go on with. ChangeNotPossible: Stripe ends it all the same.
        BillingUnavailable, ProviderRefused: see :mod:`billing.gateway`.
    """
    for _ in range(2):  # as a flag and as a day, where somebody set both
        row = subscription_of(organization_id)
        if row is None or not row.stripe_id or row.cancel_at is None or row.state == Subscription.State.CANCELED:
            break
        params = goes_on(gateway.subscription(str(row.stripe_id)))
        if params is None:  # taken back there, and not heard of yet
            refreshing.catch_up(organization_id)
            break
        _set(organization_id, params, is_done=lambda found: found.cancel_at is None, press=press, by=by)
    row = subscription_of(organization_id)
    if row is None or not row.stripe_id or row.state == Subscription.State.CANCELED:
        raise NoSubscription("There is no subscription to go on with. Choose a plan.")
    if row.cancel_at is not None and goes_on(gateway.subscription(str(row.stripe_id))) is not None:
        raise ChangeNotPossible(
            f"The subscription still ends on {day(row.cancel_at)}. Take it back on the payment page, or write to us.",
            reason="still_ends",
        )


def goes_on(at_stripe: dict[str, Any]) -> dict[str, Any] | None:
    """Return what takes the end of a subscription back; None where it does not end.

    Stripe keeps an end as a flag or as a day: its portal sets the day. Each is taken back by its own name, and not both
    in one call.
    """
    if at_stripe.get("cancel_at_period_end"):
        return {"cancel_at_period_end": False}
    return {"cancel_at": ""} if at_stripe.get("cancel_at") else None


def pay_by(organization_id: UUID, collection: str, *, by: UUID | None = None) -> None:
    """Let the running subscription be paid by card, or by invoices that are due after a month. Platform only.

    Raises:
        BillingUnavailable, ProviderRefused: see :mod:`billing.gateway`.
    """
    params: dict[str, Any] = {"collection_method": "charge_automatically"}
    if collection == "invoice":
        params = {"collection_method": "send_invoice", "days_until_due": customers.DAYS_UNTIL_DUE}
    _set(organization_id, params, is_done=lambda found: False, press="", by=by)


def _set(organization_id: UUID, params: dict[str, Any], *, is_done: Any, press: str, by: UUID | None) -> None:
    for _ in range(_TRIES):
        subscription = subscription_of(organization_id)
        if subscription is None or not subscription.stripe_id or subscription.state == Subscription.State.CANCELED:
            raise NoSubscription("There is no subscription to end: a trial ends by itself, and nothing is charged.")
        if is_done(subscription):
            return
        request = {"subscription": subscription.stripe_id, "params": params}
        try:
            intents.ask(organization_id, "terms", request, slot=SLOT, press=press, by=by)
        except Overtaken:
            intents.clear(organization_id, SLOT)
            continue
        refreshing.catch_up(organization_id)
        return


def _effects(account: BillingAccount, subscription: Subscription | None) -> list[str]:
    ends = None
    if subscription is not None and subscription.state != Subscription.State.CANCELED:
        ends = subscription.cancel_at or subscription.period_end
    when = f"on {day(ends)}" if ends and ends > now_of(account) else "now"
    return [
        f"Everything works as it does until what is paid for ends {when}. Nothing more is charged after that.",
        "From then on nothing can be changed. Learners go on with what they have begun.",
        "Nothing is deleted: choosing a plan again opens everything at once.",
        "You can export everything at any time, also afterwards.",
    ]


def _call(intent: StripeIntent) -> Result:
    gateway.update_subscription(intent.request["subscription"], intent.request["params"], key=str(intent.id))
    return {}


def _end_now(intent: StripeIntent) -> Result:
    gateway.cancel_subscription(
        intent.request["subscription"], why="The bank took the payment back.", key=str(intent.id)
    )
    return {}


intents.purpose("terms", Purpose(_call))
intents.purpose(refreshing.TAKEN_BACK, Purpose(_end_now))
