"""What the demo organizations buy: one with a card and tax, one by invoice and without. At the local Stripe only.

Everything goes the way of an owner: details, Checkout's page with a test card, a change after its figures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

from devstack.demo.browser import Browser, Refused

API = "/api/v1"
TEST_CARD = "4242 4242 4242 4242"


class Until(Protocol):
    """Looks again until it is good."""

    def __call__(self, look: Callable[[], Any], good: Callable[[Any], bool]) -> Any: ...


@dataclass(frozen=True)
class Purchase:
    """What an organization chooses, who it is on invoices, and how many seats it has after it has grown."""

    plan: str
    seats: int
    details: dict[str, Any]
    interval: str = "month"
    currency: str = "eur"
    collection: str = "card"
    grows_to: int = 0
    wish: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        wish = {"plan": self.plan, "interval": self.interval, "currency": self.currency, "seats": self.seats}
        object.__setattr__(self, "wish", wish)


PURCHASES = {
    "acme": Purchase(
        plan="team",
        seats=12,
        grows_to=15,
        details={
            "legal_name": "Acme Solar Academy GmbH",
            "country": "DE",
            "address": {"line1": "Hafenstraße 12", "postal_code": "20457", "city": "Hamburg"},
            "contacts": ["books@acme.example"],
        },
    ),
    "globex": Purchase(
        plan="growth",
        seats=30,
        collection="invoice",
        details={
            "legal_name": "Globex Instituto, Lda.",
            "country": "PT",
            "address": {"line1": "Rua do Ouro 88", "postal_code": "1100-063", "city": "Lisboa"},
            "contacts": ["contas@globex.example", "greta@globex.example"],
            "vat_id": "PT509123456",
            "po_number": "PO-2026-0117",
        },
    ),
}


def buy(purchase: Purchase, owner: Browser, *, end_trial: Callable[[], None], until: Until) -> bool:
    """Let an owner choose a plan and pay for it; return whether anything was bought: not twice, and not without Stripe.

    ``end_trial`` lets staff end the free days, so that there is something to pay today.

    Raises:
        Refused: with the product's or the payment page's own words.
    """
    found = owner.call("GET", f"{API}/billing/")
    if not found["is_configured"] or found["subscription"]["is_at_stripe"]:
        return False
    owner.call("PATCH", f"{API}/billing/", {**purchase.details, "collection": purchase.collection})
    if "vat_id" in purchase.details:
        owner.call("POST", f"{API}/portal-sessions/")  # makes it a customer, whose number the registry is asked about
        until(lambda: _state(owner)["account"]["vat_state"], lambda said: said == "verified")
    end_trial()
    url = owner.call("POST", f"{API}/checkout-sessions/", purchase.wish)["url"]
    if purchase.collection == "card":
        _pay(url, purchase)
    until(lambda: _state(owner)["subscription"], lambda has: has["is_at_stripe"] and has["state"] == "active")
    if purchase.grows_to:
        change = {"seats": purchase.grows_to}
        token = owner.call("POST", f"{API}/plan-previews/", change)["token"]
        owner.call("POST", f"{API}/plan-changes/", {**change, "token": token})
    until(lambda: owner.call("GET", f"{API}/invoices/")["items"], bool)
    return True


def _state(owner: Browser) -> Any:
    return owner.call("GET", f"{API}/billing/")


def _pay(url: str, purchase: Purchase) -> None:
    """Fill in Checkout's page and press its button."""
    details = purchase.details
    form = {
        "email": details["contacts"][0],
        "name": details["legal_name"],
        "country": details["country"],
        **details["address"],
        "number": TEST_CARD,
        "expiry": "12 / 34",
        "cvc": "123",
    }
    answer = httpx.post(url, data=form, timeout=60, trust_env=False)
    if answer.status_code != httpx.codes.SEE_OTHER:
        raise Refused(f"The checkout answered {answer.status_code}: is this the local Stripe?")
