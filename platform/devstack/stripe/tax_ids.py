"""Tax ids of customers, and their verification: pending first, then what the registry says."""

from __future__ import annotations

import re
from typing import Any

from devstack.stripe import events, lists
from devstack.stripe.calls import Route
from devstack.stripe.errors import refused
from devstack.stripe.params import EXPAND, NOTHING, listing, obj, one_of, text
from devstack.stripe.store import Ledger, Object, new_id
from devstack.stripe.tax import EU

KINDS = ("eu_vat", "gb_vat")
GIVEN = obj("type", "value", type=one_of(*KINDS), value=text)
VERIFY_SECONDS = 2
_FORMS = {
    "eu_vat": re.compile(rf"({'|'.join({*EU, 'EL', 'XI'} - {'GR'})})[0-9A-Z+*]{{2,12}}"),
    "gb_vat": re.compile(r"GB(\d{9}|\d{12}|GD\d{3}|HA\d{3})"),
}
# As in Stripe's test mode the number itself decides: these end badly or never, every other is found.
_UNVERIFIED, _PENDING = "111111111", "222222222"


def create(ledger: Ledger, params: dict[str, Any], customer: str) -> Object:
    ledger.get("customer", customer, "customer")
    value = params["value"].replace(" ", "").upper()
    if not _FORMS[params["type"]].fullmatch(value):
        raise refused(f"Invalid value for {params['type']}.", "value", "tax_id_invalid")
    country = {"EL": "GR", "XI": "GB"}.get(value[:2], value[:2])
    tax_id = {
        "id": new_id("txi"),
        "object": "tax_id",
        "country": country,
        "created": ledger.now(),
        "customer": customer,
        "livemode": False,
        "owner": {"type": "customer", "customer": customer},
        "type": params["type"],
        "value": value,
        "verification": {"status": "pending", "verified_address": None, "verified_name": None},
        "_due": None if _PENDING in value else ledger.now() + VERIFY_SECONDS,
    }
    ledger.put(tax_id)
    events.emit(ledger, "customer.tax_id.created", tax_id)
    return tax_id


def step(ledger: Ledger, tax_id: Object) -> None:
    """The registry has answered."""
    found = _UNVERIFIED not in tax_id["value"]
    customer = ledger.find(tax_id["customer"]) or {}
    said = {
        "status": "verified" if found else "unverified",
        "verified_address": _line(customer) if found else None,
        "verified_name": (customer.get("name") or "Registered business") if found else None,
    }
    new = {**tax_id, "verification": said, "_due": None}
    ledger.put(new)
    events.changed(ledger, "customer.tax_id.updated", tax_id, new)


def retrieve(ledger: Ledger, params: dict[str, Any], customer: str, tax_id: str) -> Object:
    return ledger.get("tax_id", tax_id)


def index(ledger: Ledger, params: dict[str, Any], customer: str) -> Object:
    ledger.get("customer", customer, "customer")
    return lists.page(ledger, "tax_id", params, f"/v1/customers/{customer}/tax_ids", customer=customer)


def delete(ledger: Ledger, params: dict[str, Any], customer: str, tax_id: str) -> Object:
    found = ledger.get("tax_id", tax_id)
    ledger.put({**found, "deleted": True, "_due": None})
    events.emit(ledger, "customer.tax_id.deleted", found)
    return {"id": tax_id, "object": "tax_id", "deleted": True}


def _line(customer: Object) -> str:
    address = customer.get("address") or {}
    return ", ".join(address[name] for name in ("line1", "postal_code", "city", "country") if address.get(name)) or "-"


ROUTES = [
    Route("POST", "/v1/customers/{customer}/tax_ids", create, obj(*GIVEN.needs, expand=EXPAND, **GIVEN.fields)),
    Route("GET", "/v1/customers/{customer}/tax_ids", index, listing()),
    Route("GET", "/v1/customers/{customer}/tax_ids/{tax_id}", retrieve, NOTHING),
    Route("DELETE", "/v1/customers/{customer}/tax_ids/{tax_id}", delete, obj()),
]
