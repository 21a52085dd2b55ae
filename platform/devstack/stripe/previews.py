"""Previews of invoices: the change itself is made, looked at and taken back, so that the figures are those to come."""

from __future__ import annotations

from typing import Any

from devstack.stripe import customers, cycles, invoices, standing, subscriptions
from devstack.stripe.errors import BadParameters, StripeError
from devstack.stripe.store import Ledger, Object, new_id


def preview(ledger: Ledger, params: dict[str, Any]) -> Object:
    """The invoice that a change, a new subscription or the next renewal will bring.

    Raises:
        StripeError: there is none to come, or the change itself would be refused.
    """
    details = dict(params.get("subscription_details") or {})
    with ledger.tried():
        if params.get("customer") and params.get("customer_details"):
            _pretend(ledger, params["customer"], params["customer_details"])
        subscription_id = params.get("subscription")
        if subscription_id is None and params.get("customer") and not details.get("items"):
            living = standing.living(ledger, params["customer"])
            subscription_id = living[0]["id"] if living else None
        if subscription_id:
            found = ledger.get("subscription", subscription_id, "subscription")
            if params.get("automatic_tax"):
                found["automatic_tax"]["enabled"] = bool(params["automatic_tax"]["enabled"])
            return _of_change(ledger, found, details)
        if not params.get("customer"):
            raise BadParameters(
                "One of customer and subscription is needed.", code="parameter_missing", param="customer"
            )
        return _of_new(ledger, params, details)


def renewal(ledger: Ledger, subscription: Object) -> Object:
    """The invoice of the next renewal as it looks now.

    Raises:
        StripeError: it ends before.
    """
    ends = min((item["current_period_end"] for item in subscription["items"]["data"]), default=0)
    over = subscription["status"] in standing.DEAD
    if over or (subscription["cancel_at"] is not None and subscription["cancel_at"] <= ends):
        words = f"No upcoming invoices for customer: {subscription['customer']}"
        raise StripeError(words, status=404, code="invoice_upcoming_none")
    before_at = ledger.at
    with ledger.tried():
        try:
            found = ledger.get("subscription", subscription["id"])
            ledger.at = ends
            made, before, _ = cycles.renewal_lines(ledger, found, ends)
            return _shown(invoices.draft(ledger, found, made, reason="upcoming", period=before))
        finally:
            ledger.at = before_at


def _of_change(ledger: Ledger, found: Object, details: dict[str, Any]) -> Object:
    if not details:
        return renewal(ledger, found)
    changed, invoice = subscriptions.change(ledger, found, details, collects=False)
    if invoice is not None:
        return _shown(invoice)
    if details.get("proration_behavior") == "always_invoice" and details.get("items"):
        # Nothing to give back or to ask for (a trial, or no difference): an empty invoice, dated now.
        now = ledger.now()
        return _shown(invoices.draft(ledger, changed, [], reason="upcoming", period=(now, now)))
    return renewal(ledger, changed)


def _of_new(ledger: Ledger, params: dict[str, Any], details: dict[str, Any]) -> Object:
    wanted = {**details, "customer": params["customer"]}
    if params.get("automatic_tax"):
        wanted["automatic_tax"] = params["automatic_tax"]
    if params.get("currency"):
        wanted["currency"] = params["currency"]
    wanted.pop("proration_behavior", None)
    made = subscriptions.create(ledger, wanted, collects=False)
    return _shown(ledger.get("invoice", made["latest_invoice"]))


def _pretend(ledger: Ledger, customer: str, given: dict[str, Any]) -> None:
    found = ledger.get("customer", customer, "customer")
    if given.get("address"):
        found["address"] = customers.full_address(given["address"])
    if given.get("tax_exempt"):
        found["tax_exempt"] = given["tax_exempt"]
    ledger.put(found)


def _shown(invoice: Object) -> Object:
    return {
        **invoice,
        "id": new_id("upcoming_in"),
        "billing_reason": "upcoming",
        "customer_tax_ids": invoice["customer_tax_ids"],
        "_due": None,
    }
