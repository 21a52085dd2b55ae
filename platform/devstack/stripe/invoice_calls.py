"""The calls about invoices."""

from __future__ import annotations

from typing import Any

from devstack.stripe import cards, events, expanding, invoices, lists, previews, standing, subscription_calls
from devstack.stripe.calls import Route
from devstack.stripe.errors import refused
from devstack.stripe.params import (
    ADDRESS,
    EXPAND,
    NOTHING,
    boolean,
    created,
    integer,
    listing,
    many,
    merge_metadata,
    metadata,
    moment,
    obj,
    one_of,
    text,
)
from devstack.stripe.store import Ledger, Object, list_of


def retrieve(ledger: Ledger, params: dict[str, Any], invoice: str) -> Object:
    return ledger.get("invoice", invoice)


def index(ledger: Ledger, params: dict[str, Any]) -> Object:
    wanted = {name: params[name] for name in ("status", "collection_method") if params.get(name)}
    subscription = params.get("subscription")

    def fits(one: Object) -> bool:
        right = subscription is None or standing.subscription_of(one) == subscription
        return right and all(one[name] == value for name, value in wanted.items())

    return lists.page(ledger, "invoice", params, "/v1/invoices", customer=params.get("customer"), where=fits)


def update(ledger: Ledger, params: dict[str, Any], invoice: str) -> Object:
    old = ledger.get("invoice", invoice)
    late = set(params) - {"metadata", "default_payment_method", "auto_advance", "description"}
    if old["status"] != "draft" and late:
        raise refused("Finalized invoices can't be updated in this way.", sorted(late)[0], "invoice_not_editable")
    new = {**old, **{name: value for name, value in params.items() if name != "metadata"}}
    if "metadata" in params:
        new["metadata"] = merge_metadata(old["metadata"], params["metadata"])
    if params.get("custom_fields") == []:
        new["custom_fields"] = None
    if params.get("auto_advance") is False:
        new |= {"_due": None, "automatically_finalizes_at": None, "next_payment_attempt": None}
    ledger.put(new)
    events.changed(ledger, "invoice.updated", old, new)
    return new


def finalize(ledger: Ledger, params: dict[str, Any], invoice: str) -> Object:
    found = ledger.get("invoice", invoice)
    if found["status"] == "draft":
        from devstack.stripe import cycles

        cycles.recount(ledger, found)
    opened = invoices.finalize(ledger, found)
    if opened["status"] == "open" and opened["auto_advance"] and opened["collection_method"] == "charge_automatically":
        opened = ledger.put({**opened, "next_payment_attempt": ledger.now(), "_due": ledger.now()})
    return opened


def pay(ledger: Ledger, params: dict[str, Any], invoice: str) -> Object:
    """Pay it now. A declined card is a 402, and the try is counted."""
    found = ledger.get("invoice", invoice)
    if found["status"] == "draft":
        found = invoices.finalize(ledger, found)
    if found["status"] == "paid":
        raise refused("Invoice is already paid", code="invoice_already_paid")
    if found["status"] not in ("open", "uncollectible"):
        raise refused(f"Invoices with status {found['status']} can't be paid.", code="invoice_not_open")
    if params.get("paid_out_of_band"):
        return invoices.settle(ledger, found, off_stripe=True)
    method = params.get("payment_method")
    if method is None and invoices.default_payment_method(ledger, found) is None:
        words = "There is no `default_payment_method` set on this Customer or Invoice. Please set one and try again."
        raise refused(words, "payment_method", "resource_missing")
    paid, says = invoices.collect(ledger, found, payment_method=method, present=params.get("off_session") is False)
    if says:
        raise cards.decline(says)
    return paid


def send(ledger: Ledger, params: dict[str, Any], invoice: str) -> Object:
    found = ledger.get("invoice", invoice)
    if found["collection_method"] != "send_invoice":
        raise refused("You can only manually send an invoice if its collection method is 'send_invoice'.")
    if found["status"] == "draft":
        return invoices.finalize(ledger, found)
    if found["status"] != "open":
        raise refused("You can only send an open invoice.", code="invoice_not_open")
    events.emit(ledger, "invoice.sent", found)
    return found


def void(ledger: Ledger, params: dict[str, Any], invoice: str) -> Object:
    return invoices.void(ledger, ledger.get("invoice", invoice))


def give_up(ledger: Ledger, params: dict[str, Any], invoice: str) -> Object:
    return invoices.give_up(ledger, ledger.get("invoice", invoice))


def delete(ledger: Ledger, params: dict[str, Any], invoice: str) -> Object:
    found = ledger.get("invoice", invoice)
    if found["status"] != "draft" or found["parent"]:
        words = "You can only delete draft invoices that are not from a subscription."
        raise refused(words, code="invoice_not_editable")
    ledger.put({**found, "deleted": True, "_due": None})
    return {"id": invoice, "object": "invoice", "deleted": True}


def lines(ledger: Ledger, params: dict[str, Any], invoice: str) -> Object:
    found = ledger.get("invoice", invoice)
    return lists.slice_of(found["lines"]["data"], params, f"/v1/invoices/{invoice}/lines")


def payments(ledger: Ledger, params: dict[str, Any]) -> Object:
    invoice, status, wanted = params.get("invoice"), params.get("status"), params.get("payment") or {}

    def fits(one: Object) -> bool:
        return (
            (not invoice or one["invoice"] == invoice)
            and (not status or one["status"] == status)
            and (not wanted.get("payment_intent") or one["payment"]["payment_intent"] == wanted["payment_intent"])
        )

    return lists.page(ledger, "invoice_payment", params, "/v1/invoice_payments", where=fits)


def payment(ledger: Ledger, params: dict[str, Any], object_id: str) -> Object:
    return ledger.get("invoice_payment", object_id)


def _payments(ledger: Ledger, invoice: Object) -> Object:
    return list_of("/v1/invoice_payments", invoices.payments_of(ledger, invoice))


def _secret(ledger: Ledger, invoice: Object) -> Object | None:
    found = invoices.payments_of(ledger, invoice)
    intent = ledger.find(found[0]["payment"]["payment_intent"]) if found else None
    return intent and {"client_secret": intent["client_secret"], "type": "payment_intent"}


expanding.INCLUDED[("invoice", "payments")] = _payments
expanding.INCLUDED[("invoice", "confirmation_secret")] = _secret

_DETAILS = obj(
    items=many(subscription_calls.ITEM),
    proration_behavior=subscription_calls.PRORATES,
    proration_date=integer,
    billing_cycle_anchor=subscription_calls.ANCHOR,
    cancel_at=integer,
    cancel_at_period_end=boolean,
    trial_end=moment("now"),
)
ROUTES = [
    Route(
        "GET",
        "/v1/invoices",
        index,
        listing(
            customer=text,
            subscription=text,
            status=one_of("draft", "open", "paid", "uncollectible", "void"),
            collection_method=text,
            created=created,
        ),
    ),
    Route(
        "POST",
        "/v1/invoices/create_preview",
        previews.preview,
        obj(
            automatic_tax=obj("enabled", enabled=boolean),
            currency=text,
            customer=text,
            customer_details=obj(address=ADDRESS, tax_exempt=one_of("none", "exempt", "reverse")),
            preview_mode=one_of("next"),
            subscription=text,
            subscription_details=_DETAILS,
            expand=EXPAND,
        ),
    ),
    Route("GET", "/v1/invoices/{invoice}", retrieve, NOTHING),
    Route(
        "POST",
        "/v1/invoices/{invoice}",
        update,
        obj(
            auto_advance=boolean,
            custom_fields=many(obj("name", "value", name=text, value=text)),
            default_payment_method=text,
            description=text,
            footer=text,
            metadata=metadata,
            expand=EXPAND,
        ),
    ),
    Route("DELETE", "/v1/invoices/{invoice}", delete, obj()),
    Route("GET", "/v1/invoices/{invoice}/lines", lines, listing()),
    Route("POST", "/v1/invoices/{invoice}/finalize", finalize, obj(auto_advance=boolean, expand=EXPAND)),
    Route(
        "POST",
        "/v1/invoices/{invoice}/pay",
        pay,
        obj(paid_out_of_band=boolean, payment_method=text, off_session=boolean, expand=EXPAND),
    ),
    Route("POST", "/v1/invoices/{invoice}/send", send, NOTHING),
    Route("POST", "/v1/invoices/{invoice}/void", void, NOTHING),
    Route("POST", "/v1/invoices/{invoice}/mark_uncollectible", give_up, NOTHING),
    Route(
        "GET",
        "/v1/invoice_payments",
        payments,
        listing(
            invoice=text,
            status=one_of("open", "paid", "canceled"),
            payment=obj("type", type=one_of("payment_intent"), payment_intent=text),
        ),
    ),
    Route("GET", "/v1/invoice_payments/{object_id}", payment, NOTHING),
]
