"""Invoices and the way each goes: draft, open, paid, void or given up."""

from __future__ import annotations

from typing import Any

from devstack.stripe import balance, charges, events, payment_methods, standing, tax
from devstack.stripe.customers import CLOCK
from devstack.stripe.errors import StripeError, refused
from devstack.stripe.periods import DAY
from devstack.stripe.store import Ledger, Object, list_of, new_id

DRAFT_SECONDS = 3600
"""A renewal's invoice stays a draft for so long: usage that comes late is still on it."""
SELLER_NAME = "Emerging Tech (local)"


def draft(
    ledger: Ledger,
    subscription: Object,
    lines: list[Object],
    *,
    reason: str,
    period: tuple[int, int],
    auto_advance: bool = True,
) -> Object:
    """A draft of these lines. It finalizes by itself after an hour, unless somebody does it before."""
    customer = ledger.get("customer", subscription["customer"])
    fields = customer["invoice_settings"]["custom_fields"]
    own = subscription["invoice_settings"].get("custom_fields")
    now = ledger.now()
    invoice = {
        "id": new_id("in"),
        "object": "invoice",
        "account_country": tax.SELLER,
        "account_name": SELLER_NAME,
        "account_tax_ids": None,
        "amount_due": 0,
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_remaining": 0,
        "amount_shipping": 0,
        "application": None,
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": auto_advance,
        "automatic_tax": {
            "disabled_reason": None,
            "enabled": subscription["automatic_tax"]["enabled"],
            "liability": {"type": "self"} if subscription["automatic_tax"]["enabled"] else None,
            "provider": "stripe" if subscription["automatic_tax"]["enabled"] else None,
            "status": None,
        },
        "automatically_finalizes_at": now + DRAFT_SECONDS if auto_advance else None,
        "billing_reason": reason,
        "collection_method": subscription["collection_method"],
        "created": now,
        "currency": subscription["currency"],
        "custom_fields": own or fields,
        "customer": customer["id"],
        "customer_shipping": None,
        "default_payment_method": None,
        "default_source": None,
        "default_tax_rates": [],
        "description": subscription["description"],
        "discounts": [],
        "due_date": None,
        "effective_at": None,
        "ending_balance": None,
        "footer": customer["invoice_settings"]["footer"],
        "from_invoice": None,
        "hosted_invoice_url": None,
        "invoice_pdf": None,
        "issuer": {"type": "self"},
        "last_finalization_error": None,
        "latest_revision": None,
        "lines": {},
        "livemode": False,
        "metadata": {},
        "next_payment_attempt": None,
        "number": None,
        "on_behalf_of": None,
        "parent": {
            "quote_details": None,
            "subscription_details": {
                "metadata": dict(subscription["metadata"]),
                "subscription": subscription["id"],
            },
            "type": "subscription_details",
        },
        "payment_settings": {
            "default_mandate": None,
            "payment_method_options": None,
            "payment_method_types": None,
        },
        "period_end": period[1],
        "period_start": period[0],
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "receipt_number": None,
        "rendering": None,
        "shipping_cost": None,
        "shipping_details": None,
        "starting_balance": customer["balance"],
        "statement_descriptor": None,
        "status": "draft",
        "status_transitions": {
            "finalized_at": None,
            "marked_uncollectible_at": None,
            "paid_at": None,
            "voided_at": None,
        },
        "subtotal": 0,
        "test_clock": CLOCK,
        "threshold_reason": None,
        "total": 0,
        "total_discount_amounts": [],
        "total_pretax_credit_amounts": [],
        "webhooks_delivered_at": None,
        "_due": now + DRAFT_SECONDS if auto_advance else None,
    }
    if subscription["collection_method"] == "charge_automatically" and auto_advance:
        invoice["next_payment_attempt"] = now + DRAFT_SECONDS
    for line in lines:
        line["invoice"] = invoice["id"]
    total(ledger, invoice, lines)
    return ledger.put(invoice)


def total(ledger: Ledger, invoice: Object, lines: list[Object]) -> None:
    """Add it up: lines, tax by line, credit; and who the customer is by now."""
    customer = ledger.get("customer", invoice["customer"])
    rule = tax.rule_of(ledger, customer) if invoice["automatic_tax"]["enabled"] else None
    for line in lines:
        line["taxes"] = rule.lines(line["amount"]) if rule else []
    subtotal = sum(line["amount"] for line in lines)
    taxes: list[Object] = []
    if rule and lines:
        taxes = [
            {
                **rule.lines(0)[0],
                "amount": sum(line["taxes"][0]["amount"] for line in lines),
                "taxable_amount": sum(line["taxes"][0]["taxable_amount"] for line in lines),
            }
        ]
    if invoice["automatic_tax"]["enabled"]:
        invoice["automatic_tax"]["status"] = "complete" if rule else "requires_location_inputs"
    credit = customer["balance"] if customer["currency"] in (None, invoice["currency"]) else 0
    whole = subtotal + sum(one["amount"] for one in taxes)
    due = max(0, whole + credit)
    invoice |= {
        "amount_due": due,
        "amount_remaining": due,
        "customer_address": customer["address"],
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "customer_phone": customer["phone"],
        "customer_tax_exempt": customer["tax_exempt"],
        "customer_tax_ids": [
            {"type": one["type"], "value": one["value"]}
            for one in reversed(ledger.all("tax_id", customer=customer["id"]))
        ],
        "lines": list_of(f"/v1/invoices/{invoice['id']}/lines", lines),
        "starting_balance": credit,
        "subtotal": subtotal,
        "subtotal_excluding_tax": subtotal,
        "total": whole,
        "total_excluding_tax": subtotal,
        "total_taxes": taxes,
    }


def finalize(ledger: Ledger, invoice: Object) -> Object:
    """Give it a number and make it due. Nothing on it changes any more.

    Raises:
        StripeError: it is no draft, or nobody knows whose tax it is.
    """
    if invoice["status"] != "draft":
        raise refused(
            "This invoice is already finalized, you can't re-finalize a non-draft invoice.", code="invoice_not_editable"
        )
    total(ledger, invoice, invoice["lines"]["data"])
    if invoice["automatic_tax"]["status"] == "requires_location_inputs":
        words = "The customer's location isn't recognized. Set a valid customer address in order to calculate tax."
        raise refused(words, code="customer_tax_location_invalid")
    customer = ledger.get("customer", invoice["customer"])
    now = ledger.now()
    sent = invoice["collection_method"] == "send_invoice"
    subscription = ledger.find(standing.subscription_of(invoice) or "")
    days = (subscription or {}).get("days_until_due") or 0
    base = ledger.setting("public_url")
    ending = min(0, invoice["total"] + invoice["starting_balance"])
    new = {
        **invoice,
        "automatically_finalizes_at": None,
        "due_date": now + days * DAY if sent else None,
        "effective_at": now,
        "ending_balance": ending,
        "hosted_invoice_url": f"{base}/i/{invoice['id']}",
        "invoice_pdf": f"{base}/i/{invoice['id']}/pdf",
        "next_payment_attempt": None,
        "number": f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04d}",
        "status": "open",
        "status_transitions": {**invoice["status_transitions"], "finalized_at": now},
        "_due": now + days * DAY if sent and invoice["auto_advance"] else None,
    }
    ledger.put({**customer, "next_invoice_sequence": customer["next_invoice_sequence"] + 1})
    moved = ending - invoice["starting_balance"]
    if moved:
        balance.add(ledger, customer["id"], moved, invoice["currency"], "applied_to_invoice", invoice=invoice["id"])
    ledger.put(new)
    events.emit(ledger, "invoice.finalized", new)
    events.changed(ledger, "invoice.updated", invoice, new)
    if new["amount_due"] == 0:
        return settle(ledger, new)
    if sent:
        events.emit(ledger, "invoice.sent", new)
    return new


def settle(ledger: Ledger, invoice: Object, *, off_stripe: bool = False) -> Object:
    """It is paid."""
    due = invoice["amount_due"]
    new = {
        **invoice,
        "amount_paid": due,
        "amount_remaining": 0,
        "attempted": True,
        "next_payment_attempt": None,
        "status": "paid",
        "status_transitions": {**invoice["status_transitions"], "paid_at": ledger.now()},
        "_due": None,
    }
    if off_stripe:
        new["amount_paid_off_stripe"] = due
    ledger.put(new)
    events.changed(ledger, "invoice.updated", invoice, new)
    events.emit(ledger, "invoice.paid", new)
    events.emit(ledger, "invoice.payment_succeeded", new)
    standing.paid(ledger, new)
    return new


def collect(
    ledger: Ledger, invoice: Object, *, payment_method: str | None = None, present: bool = False
) -> tuple[Object, str]:
    """Try to take the money of an open invoice. Returns it as it is then, and "" or why not (a decline code)."""
    chosen = payment_method or default_payment_method(ledger, invoice)
    if chosen is None:
        return _failed(ledger, invoice), "missing_payment_method"
    found = payment_methods.find(ledger, chosen)
    payment = _payment_of(ledger, invoice)
    intent = ledger.get("payment_intent", payment["payment"]["payment_intent"])
    intent, says = charges.attempt(ledger, intent, found, present=present)
    if says:
        new = _failed(ledger, invoice, action=says == "authentication_required")
        return new, says
    at = {**payment["status_transitions"], "paid_at": ledger.now()}
    paid = {**payment, "amount_paid": invoice["amount_remaining"], "status": "paid", "status_transitions": at}
    ledger.put(paid)
    events.emit(ledger, "invoice_payment.paid", paid)
    counted = {**invoice, "attempt_count": invoice["attempt_count"] + 1}
    return settle(ledger, counted), ""


def default_payment_method(ledger: Ledger, invoice: Object) -> str | None:
    """What an invoice is paid with: its own, else its subscription's, else its customer's."""
    subscription = ledger.find(standing.subscription_of(invoice) or "") or {}
    customer = ledger.get("customer", invoice["customer"])
    return (
        invoice["default_payment_method"]
        or subscription.get("default_payment_method")
        or customer["invoice_settings"]["default_payment_method"]
    )


def _payment_of(ledger: Ledger, invoice: Object) -> Object:
    """The invoice's payment, made at the first try."""
    for payment in payments_of(ledger, invoice):
        if payment["status"] == "open":
            return payment
    intent = charges.intend(ledger, invoice)
    return ledger.put(
        {
            "id": new_id("inpay"),
            "object": "invoice_payment",
            "amount_paid": None,
            "amount_requested": invoice["amount_remaining"],
            "created": ledger.now(),
            "currency": invoice["currency"],
            "invoice": invoice["id"],
            "is_default": True,
            "livemode": False,
            "payment": {"payment_intent": intent["id"], "type": "payment_intent"},
            "status": "open",
            "status_transitions": {"canceled_at": None, "paid_at": None},
        }
    )


def payments_of(ledger: Ledger, invoice: Object) -> list[Object]:
    """Every payment of an invoice, the newest first."""
    return ledger.all("invoice_payment", where=lambda one: one["invoice"] == invoice["id"])


def _failed(ledger: Ledger, invoice: Object, *, action: bool = False) -> Object:
    tries = invoice["attempt_count"] + 1
    first = invoice.get("_first_failure") or ledger.now()
    later = [first + days * DAY for days in standing.RETRY_DAYS if first + days * DAY > ledger.now()]
    again = later[0] if later and invoice["auto_advance"] and invoice["collection_method"] != "send_invoice" else None
    new = {
        **invoice,
        "attempt_count": tries,
        "attempted": True,
        "next_payment_attempt": again,
        "_first_failure": first,
        "_due": again if invoice["collection_method"] != "send_invoice" else invoice["_due"],
    }
    ledger.put(new)
    events.changed(ledger, "invoice.updated", invoice, new)
    events.emit(ledger, "invoice.payment_failed", new)
    if action:
        events.emit(ledger, "invoice.payment_action_required", new)
    standing.failed(ledger, new)
    if again is None and not later and invoice["collection_method"] != "send_invoice":
        standing.exhausted(ledger, new)
    return ledger.get("invoice", invoice["id"])


def void(ledger: Ledger, invoice: Object) -> Object:
    """It was not meant."""
    if invoice["status"] not in ("open", "uncollectible"):
        raise refused("You can only void an open or uncollectible invoice.", code="invoice_not_editable")
    at = {**invoice["status_transitions"], "voided_at": ledger.now()}
    new = ledger.put(
        {**invoice, "status": "void", "status_transitions": at, "next_payment_attempt": None, "_due": None}
    )
    events.changed(ledger, "invoice.updated", invoice, new)
    events.emit(ledger, "invoice.voided", new)
    standing.paid(ledger, new)
    return new


def give_up(ledger: Ledger, invoice: Object) -> Object:
    """Nobody expects the money any more."""
    if invoice["status"] != "open":
        raise refused("You can only mark an open invoice as uncollectible.", code="invoice_not_editable")
    at = {**invoice["status_transitions"], "marked_uncollectible_at": ledger.now()}
    fields: dict[str, Any] = {"status": "uncollectible", "status_transitions": at, "next_payment_attempt": None}
    new = ledger.put({**invoice, **fields, "_due": None})
    events.changed(ledger, "invoice.updated", invoice, new)
    events.emit(ledger, "invoice.marked_uncollectible", new)
    return new


def step(ledger: Ledger, invoice: Object) -> None:
    """What the clock does to it: finalize a draft and take the money, try again, note that the day has passed."""
    if invoice["status"] == "draft":
        _finalize_by_itself(ledger, invoice)
    elif invoice["status"] == "open" and invoice["collection_method"] == "charge_automatically":
        collect(ledger, invoice)
    elif invoice["status"] == "open":
        overdue = ledger.put({**invoice, "_due": None})
        events.emit(ledger, "invoice.overdue", overdue)
        standing.failed(ledger, overdue)
    else:
        ledger.put({**invoice, "_due": None})


def _finalize_by_itself(ledger: Ledger, invoice: Object) -> None:
    from devstack.stripe import cycles  # it makes drafts itself

    cycles.recount(ledger, invoice)
    try:
        opened = finalize(ledger, invoice)
    except StripeError as error:
        failed = {**invoice, "last_finalization_error": error.fields, "_due": None}
        ledger.put(failed)
        events.emit(ledger, "invoice.finalization_failed", failed)
        return
    if opened["status"] == "open" and opened["collection_method"] == "charge_automatically":
        collect(ledger, opened)
