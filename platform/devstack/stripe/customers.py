"""Customers. All of them are on the one clock."""

from __future__ import annotations

import secrets
from typing import Any

from devstack.stripe import balance, events, expanding, lists, payment_methods, standing, tax, tax_ids
from devstack.stripe.calls import Route
from devstack.stripe.errors import BadParameters, refused
from devstack.stripe.params import (
    ADDRESS,
    EXPAND,
    NOTHING,
    created,
    integer,
    listing,
    many,
    merge_metadata,
    metadata,
    obj,
    one_of,
    text,
)
from devstack.stripe.store import Ledger, Object, list_of, new_id

CLOCK = "clock_local"
ADDRESS_NAMES = ("city", "country", "line1", "line2", "postal_code", "state")


def create(ledger: Ledger, params: dict[str, Any]) -> Object:
    if params.pop("test_clock", None) not in (None, CLOCK):
        raise refused(f"There is one clock here, {CLOCK}.", "test_clock", "resource_missing")
    new_tax_ids = params.pop("tax_id_data", None) or []
    opening = params.pop("balance", None) or 0
    location = (params.pop("tax", None) or {}).get("validate_location")
    payment_method = params.pop("payment_method", None)
    # The one that is attached may be named as the default in the same call, by its test token too.
    settings = params.get("invoice_settings") or {}
    is_default = bool(payment_method) and settings.get("default_payment_method") == payment_method
    if is_default:
        params["invoice_settings"] = {**settings, "default_payment_method": None}
    customer: Object = {
        "id": new_id("cus", 14),
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": ledger.now(),
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": secrets.token_hex(4).upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": CLOCK,
    }
    customer = apply(ledger, customer, params)
    _check_location(customer, location)
    ledger.put(customer)
    events.emit(ledger, "customer.created", customer)
    for given in new_tax_ids:
        tax_ids.create(ledger, given, customer["id"])
    if opening:
        balance.add(ledger, customer["id"], opening, _home_currency(customer), "initial")
    if payment_method:
        attached = payment_methods.attach_to(ledger, payment_method, customer["id"])
        if is_default:
            update(ledger, {"invoice_settings": {"default_payment_method": attached["id"]}}, customer["id"])
    return ledger.get("customer", customer["id"])


def apply(ledger: Ledger, customer: Object, params: dict[str, Any]) -> Object:
    """The customer with these parameters put in."""
    new = {
        **customer,
        **{name: value for name, value in params.items() if name not in ("invoice_settings", "metadata")},
    }
    if "metadata" in params:
        new["metadata"] = merge_metadata(customer["metadata"], params["metadata"])
    if "address" in params and params["address"] is not None:
        new["address"] = full_address({**(customer["address"] or {}), **params["address"]})
    if params.get("tax_exempt", "") is None:
        new["tax_exempt"] = "none"
    settings = params.get("invoice_settings")
    if settings is not None:
        if settings.get("default_payment_method"):
            _check_theirs(ledger, settings["default_payment_method"], customer["id"])
        if "custom_fields" in settings:
            settings["custom_fields"] = settings["custom_fields"] or None
        new["invoice_settings"] = {**customer["invoice_settings"], **settings}
    return new


def update(ledger: Ledger, params: dict[str, Any], customer: str) -> Object:
    old = ledger.get("customer", customer)
    location = (params.pop("tax", None) or {}).get("validate_location")
    if "balance" in params:
        difference = (params.pop("balance") or 0) - old["balance"]
        if difference:
            balance.add(ledger, customer, difference, _home_currency(old), "adjustment")
            old = ledger.get("customer", customer)
    new = apply(ledger, old, params)
    _check_location(new, location)
    ledger.put(new)
    events.changed(ledger, "customer.updated", old, new)
    return new


def retrieve(ledger: Ledger, params: dict[str, Any], customer: str) -> Object:
    found = ledger.find(customer)
    if found is not None and found.get("deleted"):
        return {"id": customer, "object": "customer", "deleted": True}
    return ledger.get("customer", customer)


def index(ledger: Ledger, params: dict[str, Any]) -> Object:
    email = params.get("email")
    return lists.page(ledger, "customer", params, "/v1/customers", where=lambda c: not email or c["email"] == email)


def delete(ledger: Ledger, params: dict[str, Any], customer: str) -> Object:

    found = ledger.get("customer", customer)
    for subscription in standing.living(ledger, customer):
        standing.end(ledger, subscription, reason="cancellation_requested")
    ledger.put({**found, "deleted": True})
    events.emit(ledger, "customer.deleted", found)
    return {"id": customer, "object": "customer", "deleted": True}


def full_address(given: dict[str, Any]) -> Object:
    """All six lines of an address, the country in capitals."""
    address = {name: given.get(name) for name in ADDRESS_NAMES}
    if address["country"]:
        address["country"] = address["country"].upper()
        if len(address["country"]) != 2 or not address["country"].isalpha():
            raise BadParameters(f"Country '{address['country']}' is unknown: two letters.", param="address[country]")
    return address


def take_currency(ledger: Ledger, customer: str, currency: str) -> None:
    """A customer pays in one currency at a time: the first subscription's.

    Raises:
        StripeError: there is a live subscription in another one, or credit.
    """
    found = ledger.get("customer", customer)
    if found["currency"] in (None, currency):
        if found["currency"] is None:
            ledger.put({**found, "currency": currency})
        return

    if found["balance"] or standing.living(ledger, customer):
        raise refused(
            "You cannot combine currencies on a single customer. "
            f"This customer has an active subscription or credit in {found['currency']}.",
            "currency",
        )
    ledger.put({**found, "currency": currency})


def _home_currency(customer: Object) -> str:
    return customer["currency"] or "usd"


def _check_theirs(ledger: Ledger, payment_method: str, customer: str) -> None:
    found = ledger.get("payment_method", payment_method, "invoice_settings[default_payment_method]")
    if found["customer"] != customer:
        words = f"The customer does not have a payment method with the ID {payment_method}."
        raise refused(
            f"{words} The payment method must be attached to the customer.",
            "invoice_settings[default_payment_method]",
            "resource_missing",
        )


def _check_location(customer: Object, when: str | None) -> None:
    if when == "immediately" and not tax.is_located(customer):
        words = "The customer's location isn't recognized. Set a valid customer address in order to calculate tax."
        raise refused(words, "", "customer_tax_location_invalid")


def _tax(ledger: Ledger, customer: Object) -> Object:
    address = customer["address"] if tax.is_located(customer) else None
    place = address and {"country": address["country"], "source": "billing_address", "state": address["state"]}
    state = "unrecognized_location"
    if address:
        state = "supported" if tax.collects_in(address["country"]) else "not_collecting"
    return {"automatic_tax": state, "ip_address": None, "location": place, "provider": "stripe"}


def _subscriptions(ledger: Ledger, customer: Object) -> Object:

    url = f"/v1/customers/{customer['id']}/subscriptions"
    return list_of(url, standing.living(ledger, customer["id"]))


def _tax_ids(ledger: Ledger, customer: Object) -> Object:
    return list_of(f"/v1/customers/{customer['id']}/tax_ids", ledger.all("tax_id", customer=customer["id"]))


expanding.INCLUDED[("customer", "tax")] = _tax
expanding.INCLUDED[("customer", "subscriptions")] = _subscriptions
expanding.INCLUDED[("customer", "tax_ids")] = _tax_ids

_FIELDS: dict[str, Any] = {
    "address": ADDRESS,
    "balance": integer,
    "description": text,
    "email": text,
    "invoice_settings": obj(
        custom_fields=many(obj("name", "value", name=text, value=text)), default_payment_method=text, footer=text
    ),
    "metadata": metadata,
    "name": text,
    "phone": text,
    "preferred_locales": many(text),
    "tax": obj(validate_location=one_of("auto", "deferred", "immediately"), ip_address=text),
    "tax_exempt": one_of("none", "exempt", "reverse"),
    "expand": EXPAND,
}
ROUTES = [
    Route(
        "POST",
        "/v1/customers",
        create,
        obj(payment_method=text, tax_id_data=many(tax_ids.GIVEN), test_clock=text, **_FIELDS),
    ),
    Route("GET", "/v1/customers", index, listing(email=text, created=created, test_clock=text)),
    Route("GET", "/v1/customers/{customer}", retrieve, NOTHING),
    Route("POST", "/v1/customers/{customer}", update, obj(**_FIELDS)),
    Route("DELETE", "/v1/customers/{customer}", delete, obj()),
]
