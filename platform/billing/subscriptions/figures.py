"""The figures of a change, as Stripe's preview has them: what is due now, and what the next invoice will be."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from billing import gateway
from billing.clock import now_of
from billing.subscriptions import invoice_lines, products
from billing.subscriptions.fold import is_proration
from billing.subscriptions.wanted import Change, items_of, paid
from core.clock import iso


def figures(change: Change, prices: dict[str, Any], at: int) -> dict[str, Any]:
    """Return what a change costs now, with credit taken off, and what the next invoice will be."""
    items = items_of(change.at_stripe, prices, change.seats)
    is_paid_now = change.way != "down" and change.at_stripe["status"] != "trialing"
    upcoming = _ask(change, {"items": items, "proration_behavior": "none"})
    # Less than nothing: credit that the customer has; more: what was too little to be asked for before.
    has = int(upcoming.get("starting_balance") or 0)
    now_part, left = _now_part(change, items, at, has) if is_paid_now else (_NOTHING, has)
    lines = [line for line in upcoming["lines"]["data"] if not is_proration(line)]
    tax = invoice_lines.tax(lines)
    total = sum(invoice_lines.net(line) for line in lines) + tax
    return {
        "currency": change.subscription.currency,
        "effective": "renewal" if change.way == "down" else "now",
        **now_part,
        "next": {
            "at": iso(_renews(change)),
            "total_minor": max(0, total + left),
            "tax_minor": tax,
        },
    }


_NOTHING: dict[str, Any] = {"lines": [], "due_now_minor": 0, "tax_minor": 0, "credit_minor": 0}


def _now_part(change: Change, items: list[dict[str, Any]], at: int, balance: int) -> tuple[dict[str, Any], int]:
    """Return what is due now, and the balance that is left after it."""
    subscription, have = change.subscription, paid(change.account, change.subscription)
    longer = change.interval != subscription.interval
    pinned = {"proration_behavior": "always_invoice", "proration_date": at}
    asked = {"items": items, "proration_behavior": "always_invoice"} if longer else {"items": items, **pinned}
    found = _ask(change, asked)["lines"]["data"]
    lines = [invoice_lines.shown(line) for line in found if longer or is_proration(line)]
    if (have.version.id, have.seats) != (subscription.version_id, subscription.seats):
        # What was given up and is paid for is taken up again first: its rest is given instead of the lesser one's.
        own = products.ensure(have.version, subscription.currency, subscription.interval)
        kept = _ask(change, {"items": items_of(change.at_stripe, own, have.seats), **pinned})["lines"]["data"]
        rest = [invoice_lines.shown(line) for line in kept if is_proration(line) and line["amount"] > 0]
        lines = [
            *({**line, "amount_minor": -line["amount_minor"], "tax": -line["tax"]} for line in rest),
            *(line for line in lines if line["amount_minor"] > 0),
        ]
    tax = sum(line["tax"] for line in lines)
    total = sum(line["amount_minor"] for line in lines) + tax
    used = 0
    if total > 0 and balance:
        # Stripe settles an invoice with the balance first, as far as that goes.
        used = max(balance, -total)
        lines.append(invoice_lines.balance(used))
    return {
        "lines": [{name: value for name, value in line.items() if name != "tax"} for line in lines],
        "due_now_minor": max(0, total + used),
        "tax_minor": tax,
        "credit_minor": max(0, -total),
    }, balance - used + min(0, total)


def _ask(change: Change, details: dict[str, Any]) -> dict[str, Any]:
    return gateway.preview(
        {
            "customer": change.account.stripe_customer,
            "subscription": change.subscription.stripe_id,
            "subscription_details": details,
        }
    )


def _renews(change: Change) -> datetime:
    ends = change.subscription.period_end or now_of(change.account)
    if change.interval == change.subscription.interval or change.at_stripe["status"] == "trialing":
        return ends
    moment = now_of(change.account)
    from_leap_day = (moment.month, moment.day) == (2, 29)
    return moment.replace(year=moment.year + 1, day=28 if from_leap_day else moment.day)
