"""Payments: the intent to take an amount, each try as a charge, refunds and disputes."""

from __future__ import annotations

from typing import Any

from devstack.stripe import cards, events, expanding, lists
from devstack.stripe.calls import Route
from devstack.stripe.errors import BadParameters, refused
from devstack.stripe.params import EXPAND, NOTHING, count, created, listing, merge_metadata, metadata, obj, one_of, text
from devstack.stripe.store import Ledger, Object, list_of, new_id


def intend(ledger: Ledger, invoice: Object) -> Object:
    """The payment intent of an invoice."""
    return ledger.put(
        {
            "id": new_id("pi"),
            "object": "payment_intent",
            "amount": invoice["amount_remaining"],
            "amount_capturable": 0,
            "amount_details": {"tip": {}},
            "amount_received": 0,
            "application": None,
            "application_fee_amount": None,
            "automatic_payment_methods": None,
            "canceled_at": None,
            "cancellation_reason": None,
            "capture_method": "automatic",
            "client_secret": new_id("pi_secret"),
            "confirmation_method": "automatic",
            "created": ledger.now(),
            "currency": invoice["currency"],
            "customer": invoice["customer"],
            "description": "Payment for Invoice",
            "last_payment_error": None,
            "latest_charge": None,
            "livemode": False,
            "metadata": {},
            "next_action": None,
            "on_behalf_of": None,
            "payment_method": None,
            "payment_method_options": None,
            "payment_method_types": ["card"],
            "processing": None,
            "receipt_email": None,
            "review": None,
            "setup_future_usage": "off_session",
            "shipping": None,
            "source": None,
            "statement_descriptor": None,
            "statement_descriptor_suffix": None,
            "status": "requires_payment_method",
            "transfer_data": None,
            "transfer_group": None,
        }
    )


def attempt(ledger: Ledger, intent: Object, payment_method: Object, *, present: bool) -> tuple[Object, str]:
    """Try to take the money. ``present``: the person is there and has confirmed.

    Returns the intent as it is then, and "" or the decline code.
    """
    card = cards.of(payment_method)
    says = card.charge
    if not says and card.authenticates == "always" and not present:
        says = "authentication_required"
    if not says and card.authenticates == "once" and not (present or payment_method.get("_authenticated")):
        says = "authentication_required"
    charge = _charge(ledger, intent, payment_method, card, says)
    if says:
        code, sentence = cards.words(says)
        error = {"type": "card_error", "code": code, "decline_code": says, "message": sentence, "charge": charge["id"]}
        status = "requires_action" if says == "authentication_required" else "requires_payment_method"
        fields: Object = {"last_payment_error": error, "status": status}
    else:
        fields = {"status": "succeeded", "amount_received": intent["amount"], "last_payment_error": None}
    new = ledger.put({**intent, **fields, "payment_method": payment_method["id"], "latest_charge": charge["id"]})
    events.emit(ledger, "charge.failed" if says else "charge.succeeded", charge)
    if says == "authentication_required":
        events.emit(ledger, "payment_intent.requires_action", new)
    else:
        events.emit(ledger, "payment_intent.payment_failed" if says else "payment_intent.succeeded", new)
    if card.disputes and not says:
        dispute(ledger, charge, "fraudulent")
    return new, says


def _charge(ledger: Ledger, intent: Object, payment_method: Object, card: cards.Card, says: str) -> Object:
    code, sentence = cards.words(says) if says else (None, None)
    outcome = {
        "network_status": "declined_by_network" if says else "approved_by_network",
        "reason": says or None,
        "risk_level": "normal",
        "seller_message": "The bank did not accept it." if says else "Payment complete.",
        "type": "issuer_declined" if says else "authorized",
    }
    return ledger.put(
        {
            "id": new_id("ch"),
            "object": "charge",
            "amount": intent["amount"],
            "amount_captured": 0 if says else intent["amount"],
            "amount_refunded": 0,
            "application": None,
            "application_fee": None,
            "application_fee_amount": None,
            "balance_transaction": None,
            "billing_details": payment_method["billing_details"],
            "calculated_statement_descriptor": "LOCAL STRIPE",
            "captured": not says,
            "created": ledger.now(),
            "currency": intent["currency"],
            "customer": intent["customer"],
            "description": intent["description"],
            "disputed": False,
            "failure_balance_transaction": None,
            "failure_code": code,
            "failure_message": sentence,
            "fraud_details": {},
            "livemode": False,
            "metadata": {},
            "on_behalf_of": None,
            "outcome": outcome,
            "paid": not says,
            "payment_intent": intent["id"],
            "payment_method": payment_method["id"],
            "payment_method_details": {
                "type": "card",
                "card": {
                    "brand": card.brand,
                    "country": "US",
                    "exp_month": payment_method["card"]["exp_month"],
                    "exp_year": payment_method["card"]["exp_year"],
                    "funding": "credit",
                    "last4": card.number[-4:],
                    "network": card.brand,
                },
            },
            "receipt_email": None,
            "receipt_number": None,
            "receipt_url": None,
            "refunded": False,
            "review": None,
            "shipping": None,
            "source": None,
            "source_transfer": None,
            "statement_descriptor": None,
            "statement_descriptor_suffix": None,
            "status": "failed" if says else "succeeded",
            "transfer_data": None,
            "transfer_group": None,
        }
    )


def refund(ledger: Ledger, params: dict[str, Any]) -> Object:
    charge_id = params.get("charge")
    if not charge_id and params.get("payment_intent"):
        intent = ledger.get("payment_intent", params["payment_intent"], "payment_intent")
        charge_id = intent["latest_charge"]
    if not charge_id:
        raise BadParameters("One of charge and payment_intent is needed.", code="parameter_missing", param="charge")
    charge = ledger.get("charge", charge_id, "charge")
    if not charge["paid"]:
        raise refused("You cannot refund a charge that has not succeeded.", "charge")
    left = charge["amount"] - charge["amount_refunded"]
    if left == 0:
        raise refused(f"Charge {charge_id} has already been refunded.", "charge", "charge_already_refunded")
    wanted: int | None = params.get("amount")
    amount = left if wanted is None else wanted
    if not 0 < amount <= left:
        raise refused(f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left}).", "amount")
    made = {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge_id,
        "created": ledger.now(),
        "currency": charge["currency"],
        "customer": charge["customer"],
        "destination_details": {
            "card": {"type": "refund", "reference": None, "reference_status": "pending"},
            "type": "card",
        },
        "metadata": merge_metadata({}, params.get("metadata", {})),
        "payment_intent": charge["payment_intent"],
        "reason": params.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }
    ledger.put(made)
    total = charge["amount_refunded"] + amount
    new = ledger.put({**charge, "amount_refunded": total, "refunded": total == charge["amount"]})
    events.emit(ledger, "refund.created", made)
    events.emit(ledger, "charge.refunded", new, {"amount_refunded": charge["amount_refunded"], "refunded": False})
    return made


def dispute(ledger: Ledger, charge: Object, reason: str) -> Object:
    """The bank takes the money back and asks why."""
    made = {
        "id": new_id("du"),
        "object": "dispute",
        "amount": charge["amount"],
        "balance_transactions": [],
        "charge": charge["id"],
        "created": ledger.now(),
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": ledger.now() + 7 * 86400,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": {"brand": "visa", "case_type": "chargeback", "network": "visa", "network_reason_code": "10.4"},
            "type": "card",
        },
        "reason": reason,
        "status": "needs_response",
    }
    ledger.put(made)
    ledger.put({**charge, "disputed": True})
    events.emit(ledger, "charge.dispute.created", made)
    events.emit(ledger, "charge.dispute.funds_withdrawn", made)
    return made


def close_dispute(ledger: Ledger, found: Object, *, won: bool) -> Object:
    """The bank has decided."""
    if found["status"] not in ("needs_response", "under_review"):
        raise refused("This dispute is already closed.")
    new = ledger.put({**found, "status": "won" if won else "lost"})
    events.emit(ledger, "charge.dispute.closed", new)
    if won:
        events.emit(ledger, "charge.dispute.funds_reinstated", new)
    return new


def _close(ledger: Ledger, params: dict[str, Any], dispute: str) -> Object:
    return close_dispute(ledger, ledger.get("dispute", dispute), won=False)


def _getter(kind: str) -> Any:
    return lambda ledger, params, object_id: ledger.get(kind, object_id)


def _lister(kind: str, url: str, *names: str) -> Any:
    def index(ledger: Ledger, params: dict[str, Any]) -> Object:
        wanted = {name: params[name] for name in names if params.get(name)}
        return lists.page(ledger, kind, params, url, where=lambda one: all(one[n] == v for n, v in wanted.items()))

    return index


expanding.INCLUDED[("charge", "refunds")] = lambda ledger, charge: list_of(
    f"/v1/charges/{charge['id']}/refunds", ledger.all("refund", where=lambda one: one["charge"] == charge["id"])
)

_REASON = one_of("duplicate", "fraudulent", "requested_by_customer")
ROUTES = [
    Route(
        "POST",
        "/v1/refunds",
        refund,
        obj(amount=count, charge=text, payment_intent=text, reason=_REASON, metadata=metadata, expand=EXPAND),
    ),
    Route(
        "GET",
        "/v1/refunds",
        _lister("refund", "/v1/refunds", "charge", "payment_intent"),
        listing(charge=text, payment_intent=text, created=created),
    ),
    Route("GET", "/v1/refunds/{object_id}", _getter("refund"), NOTHING),
    Route(
        "GET",
        "/v1/charges",
        _lister("charge", "/v1/charges", "customer", "payment_intent"),
        listing(customer=text, payment_intent=text, created=created),
    ),
    Route("GET", "/v1/charges/{object_id}", _getter("charge"), NOTHING),
    Route(
        "GET",
        "/v1/payment_intents",
        _lister("payment_intent", "/v1/payment_intents", "customer"),
        listing(customer=text, created=created),
    ),
    Route("GET", "/v1/payment_intents/{object_id}", _getter("payment_intent"), obj(client_secret=text, expand=EXPAND)),
    Route(
        "GET",
        "/v1/disputes",
        _lister("dispute", "/v1/disputes", "charge", "payment_intent"),
        listing(charge=text, payment_intent=text, created=created),
    ),
    Route("GET", "/v1/disputes/{object_id}", _getter("dispute"), NOTHING),
    Route("POST", "/v1/disputes/{dispute}/close", _close, NOTHING),
]
