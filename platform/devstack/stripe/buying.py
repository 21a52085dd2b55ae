"""What happens when somebody presses the button on the checkout page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from devstack.stripe import cards, customers, events, payment_methods, previews, subscriptions, tax, tax_ids
from devstack.stripe.errors import StripeError, refused
from devstack.stripe.store import Ledger, Object


class NeedsAuthentication(Exception):
    """The card's bank wants to hear from its owner first."""


@dataclass(frozen=True)
class Buyer:
    """What was filled in."""

    email: str
    name: str
    address: dict[str, str | None]
    vat_id: str = ""
    card: str = ""
    exp_month: int = 12
    exp_year: int = 2034
    authenticated: bool = False


def quote(ledger: Ledger, session: Object, country: str, vat_id: str = "", *, trial: bool = True) -> Object:
    """The first invoice as it would be for a buyer there; a VAT id that looks right counts as verified.

    Without ``trial`` it is the one that follows a trial.
    """
    with ledger.tried():
        customer = session["customer"]
        if not customer:
            customer = customers.create(ledger, {})["id"]
        found = ledger.get("customer", customer)
        found["address"] = customers.full_address({**(found["address"] or {}), "country": country}) if country else None
        if vat_id:
            found["tax_exempt"] = "reverse" if _would_reverse(vat_id, country) else "none"
        ledger.put(found)
        wanted = _wanted(session, customer)
        wanted["automatic_tax"] = {"enabled": bool(session["automatic_tax"]["enabled"] and country)}
        names = ("items", "trial_end", "trial_period_days") if trial else ("items",)
        details = {name: wanted[name] for name in names if wanted.get(name)}
        return previews.preview(
            ledger,
            {
                "customer": customer,
                "currency": session["currency"],
                "automatic_tax": wanted["automatic_tax"],
                "subscription_details": details,
            },
        )


def complete(ledger: Ledger, session: Object, buyer: Buyer) -> Object:
    """Make the subscription, pay what is due, close the session.

    Raises:
        StripeError: something that was filled in will not do; the card was declined.
        NeedsAuthentication: the card asks, and nobody has answered yet.
    """
    if session["status"] != "open":
        raise refused("This session is no longer open.")
    card = cards.numbered(buyer.card)
    if card.attach:
        raise cards.decline(card.attach, keeps=False)
    if card.authenticates and not buyer.authenticated:
        raise NeedsAuthentication
    customer = _customer(ledger, session, buyer)
    billing = {"address": buyer.address, "email": buyer.email, "name": buyer.name}
    method = payment_methods.make(
        ledger,
        card,
        exp_month=buyer.exp_month,
        exp_year=buyer.exp_year,
        billing=billing,
        authenticated=buyer.authenticated,
    )
    method = payment_methods.attach_to(ledger, method["id"], customer)
    wanted = {
        **_wanted(session, customer),
        "default_payment_method": method["id"],
        "payment_behavior": "error_if_incomplete",
        "automatic_tax": {"enabled": session["automatic_tax"]["enabled"]},
    }
    subscription = subscriptions.create(ledger, wanted, present=True)
    invoice = ledger.get("invoice", subscription["latest_invoice"]) if subscription["latest_invoice"] else None
    found = ledger.get("customer", customer)
    new = {
        **session,
        "amount_subtotal": invoice["subtotal"] if invoice else 0,
        "amount_total": invoice["total"] if invoice else 0,
        "automatic_tax": {
            **session["automatic_tax"],
            "status": "complete" if session["automatic_tax"]["enabled"] else None,
        },
        "customer": customer,
        "customer_details": {
            "address": found["address"],
            "email": found["email"],
            "name": found["name"],
            "phone": found["phone"],
            "tax_exempt": found["tax_exempt"],
            "tax_ids": [
                {"type": one["type"], "value": one["value"]} for one in ledger.all("tax_id", customer=customer)
            ],
        },
        "invoice": invoice["id"] if invoice else None,
        "payment_status": "no_payment_required" if not invoice or invoice["amount_due"] == 0 else "paid",
        "status": "complete",
        "subscription": subscription["id"],
        "total_details": {
            **session["total_details"],
            "amount_tax": (invoice["total"] - invoice["subtotal"]) if invoice else 0,
        },
        "url": None,
        "_due": None,
    }
    ledger.put(new)
    events.emit(ledger, "checkout.session.completed", new)
    return new


def success_url(session: Object) -> str:
    """Where the buyer is sent afterwards."""
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def _wanted(session: Object, customer: str) -> dict[str, Any]:
    return {
        **session["_subscription_data"],
        "customer": customer,
        "currency": session["currency"],
        "items": [dict(item) for item in session["_items"]],
    }


def _customer(ledger: Ledger, session: Object, buyer: Buyer) -> str:
    if not buyer.email or "@" not in buyer.email:
        raise StripeError("Your email is incomplete.", param="email", code="email_invalid")
    if session["customer"]:
        allowed = session["_customer_update"]
        fields: dict[str, Any] = {}
        if allowed.get("address") == "auto":
            fields["address"] = buyer.address
        if allowed.get("name") == "auto" and buyer.name:
            fields["name"] = buyer.name
        known = ledger.get("customer", session["customer"])
        if not known["email"]:
            fields["email"] = buyer.email
        if fields:
            customers.update(ledger, fields, session["customer"])
        customer = str(session["customer"])
    else:
        made = customers.create(ledger, {"email": buyer.email, "name": buyer.name, "address": buyer.address})
        customer = str(made["id"])
    if buyer.vat_id and session["tax_id_collection"]["enabled"]:
        value = buyer.vat_id.replace(" ", "").upper()
        known_ids = {one["value"] for one in ledger.all("tax_id", customer=customer)}
        if value not in known_ids:
            kind = "gb_vat" if value.startswith("GB") else "eu_vat"
            made_id = tax_ids.create(ledger, {"type": kind, "value": value}, customer)
            # The page waits for the registry before it shows what is due, so the first invoice knows.
            if made_id["_due"]:
                tax_ids.step(ledger, made_id)
    return customer


def _would_reverse(vat_id: str, country: str) -> bool:
    value = vat_id.replace(" ", "").upper()
    looks_right = value[:2] in {*tax.EU, "EL"} and len(value) > 6
    return looks_right and country in tax.EU and country != "IE" and not value.startswith("IE")
