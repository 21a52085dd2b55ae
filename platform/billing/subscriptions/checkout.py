"""Choosing a plan: in Stripe's Checkout with a card, or by a subscription that sends invoices. Once, either way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from billing import gateway
from billing.clock import now_of
from billing.entitlements.applying import subscription_of
from billing.errors import (
    AlreadySubscribed,
    BillingUnavailable,
    ChangeNotPossible,
    CheckoutPaid,
    ProviderRefused,
)
from billing.models import BillingAccount, PlanVersion, StripeIntent, Subscription
from billing.subscriptions import customers, debts, intents, products, refreshing
from billing.subscriptions import seats as held
from billing.subscriptions.intents import Overtaken, Purpose, Result
from billing.subscriptions.money import money
from billing.subscriptions.shown import buyable, seat_minor
from core.errors import ValidationFailed
from tenancy.hosts import public_url
from tenants import api as tenants

PAGE = "/studio/settings/billing"
SLOT = "checkout"
# Stripe takes a trial's end that is at least so far away; a shorter rest of a trial is not kept.
LEAST_TRIAL = timedelta(hours=48)
# What Stripe says where a customer has something in one currency and buys in another.
OTHER_CURRENCY = "combine currencies"
# So long is Stripe's page open (half an hour is its least): seats are held for it (billing.subscriptions.seats).
OPEN_FOR = timedelta(minutes=45)
# In minor units of whatever currency is paid in: what somebody gets on credit whom nobody knows.
FIRST_BY_INVOICE_MINOR = 500_000
_TRIES = 6
# Seen by nobody: only an open intent of the same choice may be joined.
_JOIN = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody wants to buy."""

    plan: str
    interval: str
    currency: str
    seats: int


def start(organization_id: UUID, choice: Choice, *, email: str = "", by: UUID | None = None) -> str:
    """Return the address at which ``choice`` is bought. Pressed twice, it is the same one. Platform only.

    A session for another choice is closed first, so that two can never be paid. Where the account pays by invoice, the
    subscription begins at once and the address is our own page.

    Raises:
        AlreadySubscribed: there is a subscription; it is changed instead. CheckoutPaid: one was completed just now.
        ValidationFailed, SeatsInUse, ChangeNotPossible: the choice cannot be had.
        BillingNotConfigured, BillingUnavailable, ProviderRefused: see :mod:`billing.gateway`.
    """
    version = _wanted(organization_id, choice)
    prices = products.ensure(version, choice.currency, choice.interval)
    customer = customers.ensure(organization_id, email=email, by=by)
    for _ in range(_TRIES):
        request = _request(organization_id, choice, version, customer, prices)
        try:
            seen = _make_way(organization_id, request)
            if isinstance(seen, str):
                return seen
            done = intents.ask(
                organization_id,
                "checkout",
                request,
                slot=SLOT,
                seen=seen,
                prepare=lambda account: held.hold(account, choice.seats),
                by=by,
            )
        except Overtaken:
            intents.clear(organization_id, SLOT)
            continue
        except ProviderRefused as refused:
            if OTHER_CURRENCY in refused.said:
                raise ChangeNotPossible(
                    "There is credit or an open invoice in another currency. Choose that one, or write to us to have "
                    "it settled first.",
                    reason="currency",
                ) from refused
            raise
        if request["is_invoiced"]:
            refreshing.catch_up(organization_id)
        return str((done.result or {})["url"])
    raise BillingUnavailable("Several people are buying at once. Try again in a moment.")


def _wanted(organization_id: UUID, choice: Choice) -> PlanVersion:
    subscription = subscription_of(organization_id)
    if subscription is not None and subscription.stripe_id and subscription.state != Subscription.State.CANCELED:
        raise AlreadySubscribed
    version = next((found for found in buyable(subscription) if found.plan_id == choice.plan), None)
    if version is None:
        raise ValidationFailed(errors={"plan": "This plan cannot be chosen."})
    check_seats(organization_id, version, choice.seats)
    _refuse_a_debtor(organization_id)
    return version


def _refuse_a_debtor(organization_id: UUID) -> None:
    if debts.of_former(organization_id) is None:
        return
    refreshing.catch_up(organization_id)  # it may have been paid a moment ago
    owed = debts.of_former(organization_id)
    if owed is not None:
        left = money(owed.total_minor - owed.paid_minor, owed.currency)
        raise ChangeNotPossible(
            f"Invoice {owed.number} over {left} is unpaid. Pay it first; then a plan opens everything at once.",
            reason="unpaid",
            url=owed.hosted_url,
        )


def check_seats(organization_id: UUID, version: PlanVersion, seats: int) -> None:
    """Refuse fewer seats than the plan begins with, or than people who may sign in.

    Raises:
        ValidationFailed, SeatsInUse: either.
    """
    if seats < version.seats_min:
        raise ValidationFailed(errors={"seats": f"{version.plan.name} begins with {version.seats_min} seats."})
    held.check(organization_id, seats)


def _request(
    organization_id: UUID, choice: Choice, version: PlanVersion, customer: str, prices: dict[str, Any]
) -> dict[str, Any]:
    account = BillingAccount.objects.get(organization_id=organization_id)
    subscription = subscription_of(organization_id)
    host = tenants.load_organization(organization_id).host
    ends = subscription.trial_end_at if subscription is not None and subscription.stripe_id is None else None
    keeps_trial = (
        ends is not None
        and subscription is not None
        and subscription.state == Subscription.State.TRIALING
        and ends - now_of(account) > LEAST_TRIAL
    )
    return {
        "plan": choice.plan,
        "interval": choice.interval,
        "currency": choice.currency,
        "seats": choice.seats,
        "customer": customer,
        "prices": prices,
        "trial_end": int(ends.timestamp()) if keeps_trial and ends else None,
        "organization": str(organization_id),
        "page": public_url(host, PAGE),
        "is_invoiced": account.collection == "invoice" and _can_be_invoiced(account, choice, version),
    }


def _can_be_invoiced(account: BillingAccount, choice: Choice, version: PlanVersion) -> bool:
    can_be_invoiced(account)
    check_first_by_invoice(account.organization_id, version, choice.currency, choice.interval, choice.seats)
    return True


def check_first_by_invoice(
    organization_id: UUID, version: PlanVersion, currency: str, interval: str, seats: int
) -> None:
    """Refuse more by invoice than a first order may be to whoever has never paid anything.

    What is ordered by invoice is there at once, and nobody has shown yet that they pay.

    Raises:
        ChangeNotPossible: it is more.
    """
    ordered = seat_minor(version, currency, interval) * seats
    if ordered > FIRST_BY_INVOICE_MINOR and not debts.has_paid(organization_id):
        most = money(FIRST_BY_INVOICE_MINOR, currency)
        raise ChangeNotPossible(
            f"Until a first invoice is paid, {most} at most can be ordered by invoice. Pay this one by card, or write "
            "to us and we make it out.",
            reason="first_by_invoice",
        )


def can_be_invoiced(account: BillingAccount) -> bool:
    """Return True where an invoice can be made out and sent.

    Raises:
        ValidationFailed: something that it needs is not known.
    """
    missing = {
        "legal_name": account.legal_name,
        "country": account.country,
        "address/line1": account.address.get("line1"),
        "contacts": account.contacts,
    }
    errors = {name: "An invoice needs this." for name, value in missing.items() if not value}
    if errors:
        raise ValidationFailed("Say who pays first: an invoice needs a name, an address and a contact.", errors=errors)
    return True


def _make_way(organization_id: UUID, request: dict[str, Any]) -> UUID | str | None:
    """Return the latest checkout, which is over; or the address of one that is for just this and still open."""
    rows = StripeIntent.objects.filter(organization_id=organization_id, purpose="checkout")
    last = rows.order_by("-created_at", "-id").first()
    if last is None:
        return None
    if last.state == StripeIntent.State.OPEN:
        return _JOIN
    result = last.result or {}
    if not result:
        return last.id
    begun = result.get("subscription")
    if result.get("session"):
        session = gateway.checkout(result["session"])
        if session["status"] == "open":
            if {**last.request, "press": ""} == {**request, "press": ""}:
                return str(session["url"])
            session = _closed(session["id"], key=f"{last.id}:expire")
        begun = session.get("subscription") if session["status"] == "complete" else None
    if begun:
        _refuse_a_second(organization_id, begun if isinstance(begun, str) else begun["id"])
    return last.id


def _closed(session: str, *, key: str) -> dict[str, Any]:
    try:
        return gateway.expire_checkout(session, key=key)
    except ProviderRefused:  # paid, or closed, a moment ago
        return gateway.checkout(session)


def _refuse_a_second(organization_id: UUID, begun: str) -> None:
    """Refuse while the subscription that a checkout began is there, whether or not we have heard of it."""
    refreshing.catch_up(organization_id)
    subscription = subscription_of(organization_id)
    if subscription is not None and subscription.stripe_id and subscription.state != Subscription.State.CANCELED:
        raise AlreadySubscribed
    if gateway.subscription(begun)["status"] not in ("canceled", "incomplete_expired"):
        raise CheckoutPaid


def _open(intent: StripeIntent) -> Result:
    asked = intent.request
    if asked["is_invoiced"]:
        return _subscribe(intent)
    data: dict[str, Any] = {"metadata": {"organization": asked["organization"]}}
    if asked["trial_end"]:
        data["trial_end"] = asked["trial_end"]
    params = {
        "mode": "subscription",
        "customer": asked["customer"],
        "client_reference_id": asked["organization"],
        "line_items": _items(asked),
        "subscription_data": data,
        "automatic_tax": {"enabled": True},
        "tax_id_collection": {"enabled": True},
        "billing_address_collection": "required",
        "customer_update": {"address": "auto", "name": "auto"},
        "payment_method_collection": "always",
        "success_url": f"{asked['page']}?checkout=done",
        "cancel_url": f"{asked['page']}?checkout=cancelled",
    }
    closes = int((intent.created_at + OPEN_FOR).timestamp())
    try:
        session = gateway.create_checkout({**params, "expires_at": closes}, key=str(intent.id))
    except ProviderRefused as refused:
        if refused.members.get("at") != "expires_at":
            raise
        # A sandbox's clock that is ahead of ours, or a call that is made again late: then it is open for Stripe's day.
        session = gateway.create_checkout(params, key=f"{intent.id}:day")
    return {"session": session["id"], "url": session["url"]}


def _subscribe(intent: StripeIntent) -> Result:
    asked = intent.request
    trial = {"trial_end": asked["trial_end"]} if asked["trial_end"] else {}
    made = gateway.create_subscription(
        {
            "customer": asked["customer"],
            "items": _items(asked),
            "collection_method": "send_invoice",
            "days_until_due": customers.DAYS_UNTIL_DUE,
            "automatic_tax": {"enabled": True},
            "metadata": {"organization": asked["organization"]},
            **trial,
        },
        key=str(intent.id),
    )
    return {"subscription": made["id"], "url": f"{asked['page']}?checkout=done"}


def _items(asked: dict[str, Any]) -> list[dict[str, Any]]:
    overage = [{"price": price} for name, price in sorted(asked["prices"].items()) if name != "seat"]
    return [{"price": asked["prices"]["seat"], "quantity": asked["seats"]}, *overage]


intents.purpose("checkout", Purpose(_open, refused=lambda intent: held.free(intent.organization_id)))
