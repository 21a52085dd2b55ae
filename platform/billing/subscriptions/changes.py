"""Changing plan, interval and seats: first the figures, then just these figures, once.

Up is at once and paid at once. Down is at Stripe at once, so that the next invoice is right, and what is paid for is
kept until the period ends. Seats that were added within a week may be given back for credit.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from billing import gateway
from billing.clock import now_of
from billing.entitlements.applying import subscription_of
from billing.errors import (
    ChangeNotPossible,
    ConfirmationNeeded,
    NoSubscription,
    PaymentRefused,
    PreviewStale,
    ProviderRefused,
)
from billing.models import BillingAccount, PlanVersion, StripeIntent, Subscription
from billing.offers import newest_of
from billing.subscriptions import intents, products, refreshing
from billing.subscriptions import seats as held
from billing.subscriptions.checkout import check_first_by_invoice, check_seats
from billing.subscriptions.figures import figures
from billing.subscriptions.intents import Overtaken, Purpose, Result
from billing.subscriptions.shown import sold_versions
from billing.subscriptions.wanted import Change, Way, items_of, paid
from core.clock import iso
from core.errors import ValidationFailed
from tenancy import signing

SLOT = "change"
# Figures hold for so long; a proration is by the second, and asked for by the second that was shown.
GOOD_FOR_SECONDS = 15 * 60
# What Stripe says where a payment wants its owner's word (3-D Secure) and nobody is there.
OWNER_IS_ASKED = ("authentication_required", "subscription_payment_intent_requires_action")
_PURPOSE = "billing.change"
# Seats that were added by mistake, or for somebody who did not come.
GIVEN_BACK_WITHIN = timedelta(days=7)


def preview(organization_id: UUID, *, plan: str | None, interval: str | None, seats: int | None) -> dict[str, Any]:
    """Return what a change would cost now and next, and the token that asks for just this. Platform only.

    Raises:
        NoSubscription: a plan is chosen first. ChangeNotPossible, SeatsInUse, ValidationFailed: it cannot be had.
        BillingUnavailable, ProviderRefused: see :mod:`billing.gateway`.
    """
    return _previewed(organization_id, _wanted(organization_id, plan=plan, interval=interval, seats=seats))


def _previewed(organization_id: UUID, change: Change) -> dict[str, Any]:
    prices = products.ensure(change.version, change.subscription.currency, change.interval)
    # Stripe's own second: the period's, so that two looks within it agree.
    at = int(now_of(change.account).timestamp())
    steps = _steps(change, prices, at)
    shown = figures(change, prices, at)
    signed = {
        "organization": str(organization_id),
        "was": _print(change.at_stripe),
        "steps": steps,
        "undo": _undo(change) if len(steps) > 1 else None,
        "plan": str(change.version.id),
        "interval": change.interval,
        "seats": change.seats,
        "way": change.way,
        "seats_before": paid(change.account, change.subscription).seats,
        "kept": _kept(change),
        "due": _due(shown) if change.interval != change.subscription.interval else None,
        "look": secrets.token_hex(8),  # a refusal is of one look: a new one, within the second too, is pressed anew
    }
    return {**shown, "token": signing.dumps(signed, purpose=_PURPOSE)}


def preview_newest(organization_id: UUID) -> dict[str, Any]:
    """Return what the newest version of its own plan would cost an organization, and the token. See :func:`preview`.

    The other terms are staff's offer; what is lost by them is kept until the period ends, as with every change down.
    """
    return _previewed(organization_id, _wanted(organization_id, plan=None, interval=None, seats=None, newest=True))


def apply(organization_id: UUID, token: str, *, by: UUID | None = None) -> None:
    """Do what ``token`` was shown for. Pressed twice, it happens once. No transaction may be open. Platform only.

    Raises:
        PreviewStale: it would be something else now. PaymentRefused: the card was declined; nothing changed.
        ConfirmationNeeded: the same, and its owner can help: see :func:`billing.subscriptions.portal.confirm_card`.
        BillingUnavailable, ProviderRefused: see :mod:`billing.gateway`.
    """
    try:
        shown = signing.loads(token, purpose=_PURPOSE, max_age_seconds=GOOD_FOR_SECONDS)
    except signing.BadToken:
        raise PreviewStale from None
    if shown["organization"] != str(organization_id):
        raise PreviewStale
    press = hashlib.sha256(token.encode()).hexdigest()
    request = {**shown, "subscription": _running(organization_id)[1].stripe_id}
    pressed = StripeIntent.objects.filter(organization_id=organization_id, purpose="change", request__press=press)
    if not pressed.exists():
        intents.clear(organization_id, SLOT)
        if _print(gateway.subscription(str(request["subscription"]))) != shown["was"] and not pressed.exists():
            raise PreviewStale
        _refuse_what_moved(organization_id, shown)
    try:
        intents.ask(organization_id, "change", request, slot=SLOT, press=press, prepare=_preparing(shown), by=by)
    except Overtaken:
        raise PreviewStale from None
    except PaymentRefused as refused:
        if refused.members.get("reason") in OWNER_IS_ASKED:
            raise ConfirmationNeeded(reason=refused.members["reason"]) from refused
        raise
    except ProviderRefused as refused:
        # The period ended between the look and the call: another one has other figures.
        if refused.members.get("at") == "proration_date" or refused.members.get("at") == "subscription_proration_date":
            raise PreviewStale from refused
        raise
    refreshing.catch_up(organization_id)


def _refuse_what_moved(organization_id: UUID, shown: dict[str, Any]) -> None:
    """Refuse a year whose price has moved since it was shown: it begins when it is asked for, not at a given second.

    What minutes take off a month that is given back is borne, a cent and a ten-thousandth; use that was counted
    meanwhile, or credit that came or went, is not.
    """
    if shown.get("due") is None:
        return
    version = PlanVersion.objects.get(id=UUID(shown["plan"]))
    change = _wanted(organization_id, plan=version.plan_id, interval=shown["interval"], seats=shown["seats"])
    prices = products.ensure(change.version, change.subscription.currency, change.interval)
    due = _due(figures(change, prices, int(now_of(change.account).timestamp())))
    if abs(due - shown["due"]) > 1 + abs(shown["due"]) // 10_000:
        raise PreviewStale


def _due(shown: dict[str, Any]) -> int:
    return int(shown["due_now_minor"]) - int(shown["credit_minor"])


def _wanted(
    organization_id: UUID, *, plan: str | None, interval: str | None, seats: int | None, newest: bool = False
) -> Change:
    account, subscription = _running(organization_id)
    version = newest_of(subscription.version.plan_id) if newest else subscription.version
    if plan is not None and plan != version.plan_id:
        version = _sold(plan, subscription)
    interval = interval or subscription.interval
    seats = subscription.seats if seats is None else seats
    if version.plan_id != subscription.version.plan_id:
        seats = max(seats, version.seats_min)
    check_seats(organization_id, version, seats)
    if interval == "month" and subscription.interval == "year":
        ends = subscription.period_end
        raise ChangeNotPossible(
            "A year is paid for. Change to monthly payment when it is over"
            + (f", from {iso(ends)[:10]} on." if ends else "."),
            reason="paid_for_a_year",
        )
    if subscription.cancel_at is not None:
        raise ChangeNotPossible("The subscription is cancelled. Take that back first.", reason="cancelled")
    if subscription.past_due_since_at is not None:
        raise ChangeNotPossible("An invoice is unpaid. Pay it first.", reason="unpaid")
    at_stripe = gateway.subscription(str(subscription.stripe_id))
    way = _way(account, subscription, version, interval, seats)
    if way == "up" and at_stripe.get("collection_method") == "send_invoice":
        check_first_by_invoice(organization_id, version, subscription.currency, interval, seats)
    return Change(account, subscription, version, interval, seats, way, at_stripe)


def _running(organization_id: UUID) -> tuple[BillingAccount, Subscription]:
    account = BillingAccount.objects.get(organization_id=organization_id)
    subscription = subscription_of(organization_id)
    if subscription is None or not subscription.stripe_id or subscription.state == Subscription.State.CANCELED:
        raise NoSubscription
    return account, subscription


def _sold(plan: str, subscription: Subscription) -> PlanVersion:
    kept = subscription.kept_version
    if kept is not None and kept.plan_id == plan:
        return kept  # given up and wanted again: on the terms it had
    if plan in {found.plan_id for found in sold_versions()}:
        return newest_of(plan)
    raise ValidationFailed(errors={"plan": "This plan cannot be chosen."})


def _way(account: BillingAccount, subscription: Subscription, version: PlanVersion, interval: str, seats: int) -> Way:
    have = paid(account, subscription)
    plan = (version.plan.rank > have.version.plan.rank) - (version.plan.rank < have.version.plan.rank)
    more = (seats > have.seats) - (seats < have.seats)
    longer = int(interval == "year" and subscription.interval == "month")
    signs = {plan, more, longer} - {0}
    if signs == {1, -1}:
        raise ChangeNotPossible(
            "This gives something up and adds something. Do one after the other: what is given up is kept until the "
            "period ends.",
            reason="both_ways",
        )
    if signs == {1}:
        return "up"
    if (version.id, interval, seats) == (subscription.version_id, subscription.interval, subscription.seats):
        raise ChangeNotPossible("This is what there is already.", reason="same")
    if more < 0 and not plan and seats >= _fewest_lately(account, subscription):
        return "back"
    return "down"


def _fewest_lately(account: BillingAccount, subscription: Subscription) -> int:
    """Return the fewest seats that were paid for within the last week: what is above them was added in it."""
    since = now_of(account) - GIVEN_BACK_WITHIN
    if subscription.kept_until is not None and subscription.kept_seats > subscription.seats:
        return subscription.kept_seats
    rows = StripeIntent.objects.filter(
        organization_id=account.organization_id,
        purpose="change",
        state=StripeIntent.State.DONE,
        request__subscription=subscription.stripe_id,
    )
    fewest = subscription.seats
    for intent in rows.order_by("-created_at", "-id")[:50]:
        result = intent.result or {}
        if result.get("at", 0) < since.timestamp():
            break
        fewest = min(fewest, result["seats_before"])
    return fewest


def _steps(change: Change, prices: dict[str, Any], at: int) -> list[dict[str, Any]]:
    """Return the calls that make the change, in order."""
    subscription, have = change.subscription, paid(change.account, change.subscription)
    items = items_of(change.at_stripe, prices, change.seats)
    if change.way == "down":
        return [{"items": items, "proration_behavior": "none"}]
    steps = []
    if (have.version.id, have.seats) != (subscription.version_id, subscription.seats):
        # Paid for already: taken up again without charge, so that only what is above it is charged.
        own = products.ensure(have.version, subscription.currency, subscription.interval)
        again = [item for item in items_of(change.at_stripe, own, have.seats) if "quantity" in item]
        steps.append({"items": again, "proration_behavior": "none"})
    steps.append({"items": items, **_paid_now(change, at)})
    return steps


def _undo(change: Change) -> dict[str, Any]:
    """Return the call that leads back to what there is, from whatever the first of several steps made of it."""
    subscription = change.subscription
    own = products.ensure(subscription.version, subscription.currency, subscription.interval)
    back = [item for item in items_of(change.at_stripe, own, subscription.seats) if "quantity" in item]
    return {"items": back, "proration_behavior": "none"}


def _paid_now(change: Change, at: int) -> dict[str, Any]:
    if change.at_stripe["status"] == "trialing":
        return {"proration_behavior": "none"}
    terms: dict[str, Any] = {"proration_behavior": "always_invoice"}
    if change.interval == change.subscription.interval:
        terms["proration_date"] = at
    if change.at_stripe.get("collection_method") != "send_invoice":
        # Refused and undone where the card is: nobody gets what was not paid, nor owes what was not had.
        terms["payment_behavior"] = "error_if_incomplete"
    return terms


def _kept(change: Change) -> dict[str, Any] | None:
    """Return what is kept until the period ends, where the change gives something up."""
    if change.way != "down":
        return None
    have = paid(change.account, change.subscription)
    return {
        "seats": have.seats,
        "version": str(have.version.id),
        "until": iso(change.subscription.period_end) if change.subscription.period_end else None,
    }


def _preparing(shown: dict[str, Any]) -> Callable[[BillingAccount], None]:
    """Return what is done, with the account locked, before Stripe is asked for a change that was ``shown``."""

    def prepare(account: BillingAccount) -> None:
        version = PlanVersion.objects.select_related("plan").get(id=UUID(shown["plan"]))
        check_seats(account.organization_id, version, shown["seats"])
        held.hold(account, shown["seats"])
        _keep(account.organization_id, shown["kept"])

    return prepare


def _keep(organization_id: UUID, kept: dict[str, Any] | None) -> None:
    """Note what is kept before it is given up at Stripe: until then it only says again what there is."""
    if not kept:
        return
    Subscription.objects.filter(organization_id=organization_id).exclude(state=Subscription.State.CANCELED).update(
        kept_seats=kept["seats"],
        kept_version_id=UUID(kept["version"]),
        kept_until=datetime.fromisoformat(kept["until"]) if kept["until"] else None,
    )


def _print(at_stripe: dict[str, Any]) -> str:
    """Return what a change is decided by, in short: the period, the items, whether it goes on, and how it is paid."""
    items = [
        (item["id"], item["price"]["id"], item.get("quantity"), item["current_period_end"])
        for item in at_stripe["items"]["data"]
    ]
    ends = (at_stripe.get("cancel_at_period_end"), at_stripe.get("cancel_at"))
    told = (at_stripe["id"], at_stripe["status"], at_stripe.get("collection_method"), ends, sorted(map(str, items)))
    return hashlib.sha256(repr(told).encode()).hexdigest()


# -- the call --------------------------------------------------------------------------------------------------------


def _call(intent: StripeIntent) -> Result:
    asked = intent.request
    for number, step in enumerate(asked["steps"]):
        try:
            gateway.update_subscription(asked["subscription"], step, key=f"{intent.id}:{number}")
        except ProviderRefused:
            if number and asked.get("undo"):
                # What was given up was taken up again for this: not paid, it stays given up.
                gateway.update_subscription(asked["subscription"], asked["undo"], key=f"{intent.id}:undo")
            raise
    return {}


def _done(intent: StripeIntent, result: Result) -> None:
    """Note how many seats there were, and forget what was kept where all of it is had again."""
    account = BillingAccount.objects.select_for_update().get(organization_id=intent.organization_id)
    rows = Subscription.objects.filter(stripe_id=intent.request["subscription"])
    subscription = rows.select_related("version__plan", "kept_version__plan").first()
    if subscription is None:
        return
    result |= {"at": now_of(account).timestamp(), "seats_before": intent.request["seats_before"]}
    StripeIntent.objects.filter(id=intent.id).update(result=result)
    if intent.request["way"] == "up":
        rows.update(kept_seats=0, kept_version=None, kept_until=None)


intents.purpose("change", Purpose(_call, _done, refused=lambda intent: held.free(intent.organization_id)))
