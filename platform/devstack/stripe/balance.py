"""A customer's balance: below zero is credit, which the next invoices use up."""

from __future__ import annotations

from typing import Any

from devstack.stripe import events, lists
from devstack.stripe.calls import Route
from devstack.stripe.errors import refused
from devstack.stripe.params import EXPAND, NOTHING, created, integer, listing, merge_metadata, metadata, obj, text
from devstack.stripe.store import Ledger, Object, new_id


def add(ledger: Ledger, customer: str, amount: int, currency: str, kind: str, **more: Any) -> Object:
    """Move the balance by ``amount``; the customer is told of by an event."""
    old = ledger.get("customer", customer)
    new = {**old, "balance": old["balance"] + amount, "currency": old["currency"] or currency}
    ledger.put(new)
    events.changed(ledger, "customer.updated", old, new)
    return ledger.put(
        {
            "id": new_id("cbtxn"),
            "object": "customer_balance_transaction",
            "amount": amount,
            "checkout_session": None,
            "created": ledger.now(),
            "credit_note": None,
            "currency": currency,
            "customer": customer,
            "description": None,
            "ending_balance": new["balance"],
            "invoice": None,
            "livemode": False,
            "metadata": {},
            "type": kind,
            **more,
        }
    )


def create(ledger: Ledger, params: dict[str, Any], customer: str) -> Object:
    found = ledger.get("customer", customer, "customer")
    currency = params["currency"].lower()
    if found["currency"] not in (None, currency):
        raise refused(f"The customer's balance is in {found['currency']}.", "currency")
    details = {"description": params.get("description"), "metadata": merge_metadata({}, params.get("metadata", {}))}
    return add(ledger, customer, params["amount"], currency, "adjustment", **details)


def retrieve(ledger: Ledger, params: dict[str, Any], customer: str, transaction: str) -> Object:
    return ledger.get("customer_balance_transaction", transaction)


def index(ledger: Ledger, params: dict[str, Any], customer: str) -> Object:
    ledger.get("customer", customer, "customer")
    url = f"/v1/customers/{customer}/balance_transactions"
    invoice = params.get("invoice")
    return lists.page(
        ledger,
        "customer_balance_transaction",
        params,
        url,
        customer=customer,
        where=lambda one: not invoice or one["invoice"] == invoice,
    )


ROUTES = [
    Route(
        "POST",
        "/v1/customers/{customer}/balance_transactions",
        create,
        obj("amount", "currency", amount=integer, currency=text, description=text, metadata=metadata, expand=EXPAND),
    ),
    Route("GET", "/v1/customers/{customer}/balance_transactions", index, listing(created=created, invoice=text)),
    Route("GET", "/v1/customers/{customer}/balance_transactions/{transaction}", retrieve, NOTHING),
]
