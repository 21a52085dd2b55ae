"""From Stripe's objects to our fields. Pure: no rows, no network, no clock of its own; the same in, the same out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from billing.models import Subscription
from billing.subscriptions.products import Sold

State = Subscription.State

# How long a payment may be late before nothing can be changed any more.
GRACE = timedelta(days=14)
# Ended, or never begun: nothing is had by it.
_UNBORN = ("incomplete", "incomplete_expired")
_LATE = ("past_due", "unpaid")


class UnknownPrice(Exception):
    """The subscription is for something that we do not sell: somebody made it by hand."""


def is_born(subscription: Mapping[str, Any]) -> bool:
    """Return whether a subscription at Stripe ever came into force."""
    return subscription["status"] not in _UNBORN


def fold(
    subscription: Mapping[str, Any], invoices: Iterable[Mapping[str, Any]], at: datetime, sold_as: Mapping[str, Sold]
) -> dict[str, Any]:
    """Return the fields of our row: what ``subscription`` and its customer's invoices say at the moment ``at``.

    Raises:
        UnknownPrice: none of its prices is of a plan of ours.
    """
    item, sold = _seats(subscription, sold_as)
    status = subscription["status"]
    late_since = _late_since(subscription, item, invoices, at) if status != "canceled" else None
    state = _state(status, late_since, at)
    seats = item["quantity"] or 0
    return {
        "version_id": sold.version_id,
        "stripe_id": subscription["id"],
        "stripe_status": status,
        "state": state,
        "interval": sold.interval,
        "currency": subscription["currency"],
        "seats": seats,
        "mrr_minor": 0 if state in (State.TRIALING, State.CANCELED) else _monthly(subscription, item, sold, seats),
        "is_comp": False,
        "period_start": when(item["current_period_start"]),
        "period_end": when(item["current_period_end"]),
        "trial_end_at": when(subscription.get("trial_end")),
        "past_due_since_at": late_since,
        "cancel_at": _ends(subscription, item) if state != State.CANCELED else None,
        "canceled_at": when(subscription.get("ended_at") or subscription.get("canceled_at"))
        if state == State.CANCELED
        else None,
        "cancel_reason": _reason(subscription),
    }


def fold_end(subscription: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a subscription that is over, whatever it was of."""
    return {
        "stripe_status": subscription["status"],
        "state": State.CANCELED,
        "mrr_minor": 0,
        "past_due_since_at": None,
        "cancel_at": None,
        "canceled_at": when(subscription.get("ended_at") or subscription.get("canceled_at")),
        "cancel_reason": _reason(subscription),
    }


def fold_invoice(
    invoice: Mapping[str, Any], charges: Iterable[Mapping[str, Any]], sold_as: Mapping[str, Sold]
) -> dict[str, Any]:
    """Return the fields of our row of an invoice. ``charges`` are those that paid it."""
    lines = invoice["lines"]["data"]
    taxes = invoice.get("total_taxes") or []
    moments = invoice.get("status_transitions") or {}
    periods = [line["period"] for line in lines if not is_proration(line)] or [line["period"] for line in lines]
    charges = list(charges)
    return {
        "stripe_subscription": subscription_of(invoice) or "",
        "number": invoice.get("number") or "",
        "status": invoice["status"] or "draft",
        "currency": invoice["currency"],
        "subtotal_minor": invoice["subtotal"],
        "tax_minor": sum(tax["amount"] for tax in taxes),
        "total_minor": invoice["total"],
        "paid_minor": invoice["amount_paid"],
        "refunded_minor": sum(charge.get("amount_refunded") or 0 for charge in charges),
        "dispute": next((_dispute(charge) for charge in charges if _dispute(charge)), ""),
        "recurring_minor": sum(
            line["amount"] for line in lines if not is_proration(line) and price_of(line) in sold_as
        ),
        "overage_minor": sum(line["amount"] for line in lines if _is_overage(line, sold_as)),
        "reverse_charge": any(tax.get("taxability_reason") == "reverse_charge" for tax in taxes),
        "period_start": when(min((period["start"] for period in periods), default=None)),
        "period_end": when(max((period["end"] for period in periods), default=None)),
        "issued_at": when(moments.get("finalized_at")) or when(invoice["created"]),
        "due_at": when(invoice.get("due_date")),
        "paid_at": when(moments.get("paid_at")),
        "hosted_url": invoice.get("hosted_invoice_url") or "",
        "pdf_url": invoice.get("invoice_pdf") or "",
    }


def payment_method(customer: Mapping[str, Any], subscription: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return what will be charged, as people know it; None where nothing is on file."""
    own = subscription.get("default_payment_method") if subscription else None
    found = own or (customer.get("invoice_settings") or {}).get("default_payment_method")
    if not isinstance(found, Mapping):
        return None
    kind = found["type"]
    details = found.get(kind) or {}
    return {
        "kind": kind,
        "brand": details.get("brand") or details.get("bank_code") or "",
        "last4": details.get("last4") or "",
        "exp_month": details.get("exp_month"),
        "exp_year": details.get("exp_year"),
    }


def vat(customer: Mapping[str, Any]) -> tuple[str, str]:
    """Return the customer's tax id and what the authority said of it; empty where there is none."""
    found = (customer.get("tax_ids") or {}).get("data") or []
    if not found:
        return "", ""
    newest = max(found, key=lambda one: (one["created"], one["id"]))
    status = (newest.get("verification") or {}).get("status") or ""
    return newest["value"], status if status in ("pending", "verified", "unverified") else ""


def subscription_of(invoice: Mapping[str, Any]) -> str | None:
    """Return the id of the subscription that an invoice is for, or None."""
    details = (invoice.get("parent") or {}).get("subscription_details") or {}
    found = details.get("subscription")
    return found["id"] if isinstance(found, Mapping) else found


def price_of(line: Mapping[str, Any]) -> str:
    """Return the id of the price that an invoice's line is for; empty where it has none."""
    found = ((line.get("pricing") or {}).get("price_details") or {}).get("price")
    return found["id"] if isinstance(found, Mapping) else found or ""


def when(seconds: int | None) -> datetime | None:
    """Return a moment of Stripe's."""
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def _seats(subscription: Mapping[str, Any], sold_as: Mapping[str, Sold]) -> tuple[Mapping[str, Any], Sold]:
    for item in subscription["items"]["data"]:
        sold = sold_as.get(item["price"]["id"])
        if sold is not None:
            return item, sold
    raise UnknownPrice(subscription["id"])


def _state(status: str, late_since: datetime | None, at: datetime) -> str:
    if status == "canceled":
        return State.CANCELED
    if status == "trialing":
        return State.TRIALING
    if status == "paused":  # the trial is over and there is nothing to charge
        return State.READ_ONLY
    if late_since is not None:
        return State.READ_ONLY if at >= late_since + GRACE else State.PAST_DUE
    return State.ACTIVE


def _late_since(
    subscription: Mapping[str, Any], item: Mapping[str, Any], invoices: Iterable[Mapping[str, Any]], at: datetime
) -> datetime | None:
    """Return since when money is owed: by the oldest invoice that should have been paid, whichever event came first.

    By the invoices, for Stripe's status follows the latest alone: pay that, and it is active, whatever is open behind
    it. One of a subscription before this counts from this one's beginning; what was written off of one is not waited
    for any more. Where Stripe says late and no invoice does
    (it leaves them drafts), the period that nobody pays is what is owed.
    """
    own, is_late = subscription["id"], subscription["status"] in _LATE
    since = [
        found
        for invoice in invoices
        if (invoice["status"] != "uncollectible" or subscription_of(invoice) == own)
        and (found := _owed_since(invoice, at, is_late=is_late and subscription_of(invoice) == own)) is not None
    ]
    begun = when(subscription.get("start_date") or subscription.get("created"))
    if since:
        return max(min(since), begun) if begun else min(since)
    return when(item["current_period_start"]) if is_late and not _is_settled(subscription, invoices) else None


def _is_settled(subscription: Mapping[str, Any], invoices: Iterable[Mapping[str, Any]]) -> bool:
    """Return whether the latest invoice is paid or void: with no other one owed, late is only a word that lags."""
    found = subscription.get("latest_invoice")
    latest = found["id"] if isinstance(found, Mapping) else found
    return any(invoice["id"] == latest and invoice["status"] in ("paid", "void") for invoice in invoices)


def _owed_since(invoice: Mapping[str, Any], at: datetime, *, is_late: bool) -> datetime | None:
    """Return since when an invoice is late, None where it is not. ``is_late``: Stripe says so of its subscription.

    One that was sent is late when its day has passed, one for a card when a try to charge it has failed. What a bank
    is still at work on was tried once, and nobody tries again: that is not late.
    """
    if invoice["status"] not in ("open", "uncollectible") or invoice["amount_remaining"] <= 0:
        return None
    if subscription_of(invoice) is None:
        return None  # made by hand, for something else
    due = when(invoice.get("due_date"))
    if due is not None:
        return due if is_late or due <= at else None
    has_failed = bool(invoice.get("next_payment_attempt")) or (invoice.get("attempt_count") or 0) > 1
    if is_late or (invoice.get("attempted") and has_failed):
        return when((invoice.get("status_transitions") or {}).get("finalized_at") or invoice["created"])
    return None


def _ends(subscription: Mapping[str, Any], item: Mapping[str, Any]) -> datetime | None:
    if subscription.get("cancel_at"):
        return when(subscription["cancel_at"])
    return when(item["current_period_end"]) if subscription.get("cancel_at_period_end") else None


def _reason(subscription: Mapping[str, Any]) -> str:
    said = subscription.get("cancellation_details") or {}
    return " · ".join(part for part in (said.get("feedback"), said.get("comment")) if part)[:2000]


def _monthly(subscription: Mapping[str, Any], item: Mapping[str, Any], sold: Sold, seats: int) -> int:
    """Return what a month brings after discounts: whole minor units, halves up, the twelfth part of a year."""
    charged = (item["price"].get("unit_amount") or 0) * seats
    for discount in subscription.get("discounts") or []:
        coupon = _coupon(discount)
        if coupon.get("percent_off"):
            charged = int(
                (charged * (100 - Decimal(str(coupon["percent_off"]))) / 100).quantize(Decimal(1), ROUND_HALF_UP)
            )
        elif coupon.get("amount_off") and coupon.get("currency") == subscription["currency"]:
            charged = max(0, charged - coupon["amount_off"])
    return (charged * 2 + 12) // 24 if sold.interval == "year" else charged


def _coupon(discount: Any) -> Mapping[str, Any]:
    if not isinstance(discount, Mapping):
        return {}
    found = discount.get("coupon") or (discount.get("source") or {}).get("coupon")
    return found if isinstance(found, Mapping) else {}


def is_proration(line: Mapping[str, Any]) -> bool:
    """Return whether an invoice's line is for a part of a period."""
    parent = line.get("parent") or {}
    details = parent.get("subscription_item_details") or parent.get("invoice_item_details") or {}
    return bool(details.get("proration"))


def _is_overage(line: Mapping[str, Any], sold_as: Mapping[str, Sold]) -> bool:
    """Return whether an invoice's line is for use beyond the plan: of the subscription, and for no seats."""
    is_of_it = (line.get("parent") or {}).get("type") == "subscription_item_details"
    return is_of_it and not is_proration(line) and bool(price_of(line)) and price_of(line) not in sold_as


def _dispute(charge: Mapping[str, Any]) -> str:
    found = charge.get("dispute")
    if isinstance(found, Mapping):
        return str(found["status"])
    return "open" if charge.get("disputed") else ""
