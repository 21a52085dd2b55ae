"""Payment methods: cards of customers."""

from __future__ import annotations

import hashlib
from typing import Any

from devstack.stripe import cards, events, lists
from devstack.stripe.calls import Route
from devstack.stripe.errors import missing, refused
from devstack.stripe.params import (
    ADDRESS,
    EXPAND,
    NOTHING,
    integer,
    listing,
    merge_metadata,
    metadata,
    obj,
    one_of,
    text,
)
from devstack.stripe.store import Ledger, Object, new_id

_EMPTY_ADDRESS = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))


def make(
    ledger: Ledger,
    card: cards.Card,
    *,
    exp_month: int = 12,
    exp_year: int = 2034,
    billing: dict[str, Any] | None = None,
    authenticated: bool = False,
) -> Object:
    """A payment method that nobody has yet. ``authenticated``: its owner has just said that it is them."""
    billing = billing or {}
    return ledger.put(
        {
            "id": new_id("pm"),
            "object": "payment_method",
            "allow_redisplay": "unspecified",
            "billing_details": {
                "address": {**_EMPTY_ADDRESS, **(billing.get("address") or {})},
                "email": billing.get("email"),
                "name": billing.get("name"),
                "phone": billing.get("phone"),
                "tax_id": None,
            },
            "card": {
                "brand": card.brand,
                "checks": {
                    "address_line1_check": None,
                    "address_postal_code_check": None,
                    "cvc_check": "pass",
                },
                "country": "US",
                "display_brand": card.brand,
                "exp_month": exp_month,
                "exp_year": exp_year,
                "fingerprint": hashlib.sha256(card.number.encode()).hexdigest()[:16],
                "funding": "credit",
                "generated_from": None,
                "last4": card.number[-4:],
                "networks": {"available": [card.brand], "preferred": None},
                "regulated_status": "unregulated",
                "three_d_secure_usage": {"supported": True},
                "wallet": None,
            },
            "created": ledger.now(),
            "customer": None,
            "livemode": False,
            "metadata": {},
            "type": "card",
            "_number": card.number,
            "_authenticated": authenticated,
        }
    )


def create(ledger: Ledger, params: dict[str, Any]) -> Object:
    given = params.get("card") or {}
    if given.get("token"):
        card = cards.BY_TOKEN.get("pm_card_" + given["token"].removeprefix("tok_"))
        if card is None:
            raise missing("token", given["token"], "card[token]")
    else:
        card = cards.numbered(given.get("number") or "")
    made = make(
        ledger,
        card,
        exp_month=given.get("exp_month") or 12,
        exp_year=given.get("exp_year") or 2034,
        billing=params.get("billing_details"),
    )
    made["metadata"] = merge_metadata({}, params.get("metadata", {}))
    return ledger.put(made)


def find(ledger: Ledger, payment_method: str, param: str = "payment_method") -> Object:
    """A payment method by its id; a test token stands for a new one of its kind."""
    if payment_method in cards.BY_TOKEN:
        return make(ledger, cards.BY_TOKEN[payment_method])
    return ledger.get("payment_method", payment_method, param)


def attach_to(ledger: Ledger, payment_method: str, customer: str) -> Object:
    """Keep it for the customer.

    Raises:
        StripeError: the card is declined, or is somebody else's.
    """
    ledger.get("customer", customer, "customer")
    found = find(ledger, payment_method)
    if found["customer"] == customer:
        return found
    if found["customer"]:
        raise refused("The payment method you provided has already been attached to a customer.", "payment_method")
    says = cards.of(found).attach
    if says:
        raise cards.decline(says, keeps=False)
    new = ledger.put({**found, "customer": customer})
    events.emit(ledger, "payment_method.attached", new)
    return new


def attach(ledger: Ledger, params: dict[str, Any], payment_method: str) -> Object:
    return attach_to(ledger, payment_method, params["customer"])


def detach(ledger: Ledger, params: dict[str, Any], payment_method: str) -> Object:
    found = ledger.get("payment_method", payment_method)
    if not found["customer"]:
        raise refused("The payment method you provided is not attached to a customer.", "payment_method")
    customer = ledger.get("customer", found["customer"])
    new = ledger.put({**found, "customer": None})
    events.emit(ledger, "payment_method.detached", new, {"customer": customer["id"]})
    if customer["invoice_settings"]["default_payment_method"] == payment_method:
        settings = {**customer["invoice_settings"], "default_payment_method": None}
        ledger.put({**customer, "invoice_settings": settings})
    for subscription in ledger.all("subscription", customer=customer["id"]):
        if subscription["default_payment_method"] == payment_method:
            ledger.put({**subscription, "default_payment_method": None})
    return new


def retrieve(ledger: Ledger, params: dict[str, Any], payment_method: str) -> Object:
    return ledger.get("payment_method", payment_method)


def index(ledger: Ledger, params: dict[str, Any]) -> Object:
    return lists.page(ledger, "payment_method", params, "/v1/payment_methods", customer=params["customer"])


def of_customer(ledger: Ledger, params: dict[str, Any], customer: str) -> Object:
    ledger.get("customer", customer, "customer")
    return lists.page(ledger, "payment_method", params, f"/v1/customers/{customer}/payment_methods", customer=customer)


def one_of_customer(ledger: Ledger, params: dict[str, Any], customer: str, payment_method: str) -> Object:
    found = ledger.get("payment_method", payment_method, "payment_method")
    if found["customer"] != customer:
        raise missing("payment_method", payment_method, "payment_method")
    return found


_KIND = one_of("card")
ROUTES = [
    Route(
        "POST",
        "/v1/payment_methods",
        create,
        obj(
            "type",
            type=_KIND,
            card=obj(token=text, number=text, exp_month=integer, exp_year=integer, cvc=text),
            billing_details=obj(address=ADDRESS, email=text, name=text, phone=text),
            metadata=metadata,
            expand=EXPAND,
        ),
    ),
    Route("GET", "/v1/payment_methods", index, obj("customer", **listing(customer=text, type=_KIND).fields)),
    Route("GET", "/v1/payment_methods/{payment_method}", retrieve, NOTHING),
    Route(
        "POST",
        "/v1/payment_methods/{payment_method}/attach",
        attach,
        obj("customer", customer=text, expand=EXPAND),
    ),
    Route("POST", "/v1/payment_methods/{payment_method}/detach", detach, NOTHING),
    Route("GET", "/v1/customers/{customer}/payment_methods", of_customer, listing(type=_KIND)),
    Route("GET", "/v1/customers/{customer}/payment_methods/{payment_method}", one_of_customer, NOTHING),
]
