"""How a subscription stands: what its status becomes when an invoice is paid, fails or is overdue, and how it ends."""

from __future__ import annotations

from devstack.stripe import events
from devstack.stripe.periods import DAY
from devstack.stripe.store import Ledger, Object

DEAD = ("canceled", "incomplete_expired")
RETRY_DAYS = (3, 5, 7)
"""A failed payment is tried again so many days after the first try."""
UNPAID_DAYS = 30
"""So long after the first failure a subscription that was left past due is canceled."""
INCOMPLETE_SECONDS = 23 * 3600
UPCOMING_SECONDS = 7 * DAY
WARNING_SECONDS = 3 * DAY


def living(ledger: Ledger, customer: str) -> list[Object]:
    """Subscriptions of a customer that have not ended."""
    return ledger.all("subscription", customer=customer, where=lambda found: found["status"] not in DEAD)


def save(ledger: Ledger, subscription: Object) -> Object:
    """Write it, with the moment at which the clock has to look at it next."""
    subscription["_due"] = min((moment for moment, _ in agenda(subscription)), default=None)
    return ledger.put(subscription)


def agenda(subscription: Object) -> list[tuple[int, str]]:
    """What is going to happen to it by itself, and when."""
    status = subscription["status"]
    if status in DEAD or status == "paused":
        return []
    if status == "incomplete":
        return [(subscription["created"] + INCOMPLETE_SECONDS, "expire")]
    ends = [item["current_period_end"] for item in subscription["items"]["data"]]
    found = [(min(ends), "roll")] if ends else []
    if subscription["cancel_at"]:
        found.append((subscription["cancel_at"], "cancel"))
    if status == "trialing" and not subscription.get("_warned"):
        warned_at = max(subscription["trial_end"] - WARNING_SECONDS, subscription["trial_start"])
        found.append((warned_at, "warn"))
    if ends and status != "trialing" and subscription.get("_announced") != min(ends):
        found.append((min(ends) - UPCOMING_SECONDS, "announce"))
    if subscription.get("_unpaid_since"):
        found.append((subscription["_unpaid_since"] + UNPAID_DAYS * DAY, "give_up"))
    # At the same moment the end comes before a new period.
    order = ("warn", "announce", "cancel", "give_up", "roll", "expire")
    return sorted(found, key=lambda entry: (entry[0], order.index(entry[1])))


def update(ledger: Ledger, old: Object, **fields: object) -> Object:
    """Change fields of it and tell."""
    new = {**old, **fields}
    save(ledger, new)
    events.changed(ledger, "customer.subscription.updated", old, new)
    return new


def paid(ledger: Ledger, invoice: Object) -> None:
    """The invoice is settled: its subscription works again, if it is the newest."""
    subscription = _of(ledger, invoice)
    if subscription is None or subscription["latest_invoice"] != invoice["id"]:
        return
    if subscription["status"] in ("incomplete", "past_due", "unpaid"):
        update(ledger, subscription, status="active", _unpaid_since=None)
        _delinquent(ledger, subscription["customer"], is_so=False)


def failed(ledger: Ledger, invoice: Object) -> None:
    """A payment failed, or the day it was due has passed."""
    subscription = _of(ledger, invoice)
    if subscription is None or subscription["status"] not in ("active", "trialing", "past_due"):
        return
    since = subscription.get("_unpaid_since") or ledger.now()
    status = "past_due" if subscription["status"] != "trialing" else "trialing"
    update(ledger, subscription, status=status, _unpaid_since=since)
    _delinquent(ledger, subscription["customer"], is_so=True)


def exhausted(ledger: Ledger, invoice: Object) -> None:
    """The last retry failed: what happens then is a setting, as in Stripe's dashboard."""
    subscription = _of(ledger, invoice)
    choice = ledger.setting("after_retries") or "past_due"
    if subscription is None or subscription["status"] in DEAD:
        return
    if choice == "canceled":
        end(ledger, subscription, reason="payment_failed")
    elif choice == "unpaid":
        update(ledger, subscription, status="unpaid")


def end(ledger: Ledger, subscription: Object, *, reason: str) -> Object:
    """Cancel it now, and stop collecting for it."""
    now = ledger.now()
    details = {**subscription["cancellation_details"], "reason": reason}
    new = {
        **subscription,
        "status": "canceled",
        "canceled_at": subscription["canceled_at"] or now,
        "ended_at": now,
        "cancellation_details": details,
    }
    save(ledger, new)
    events.emit(ledger, "customer.subscription.deleted", new)
    for invoice in ledger.all("invoice", customer=subscription["customer"], where=lambda one: _is_of(one, new)):
        if invoice["status"] in ("draft", "open") and invoice["auto_advance"]:
            stopped = {**invoice, "auto_advance": False, "next_payment_attempt": None, "_due": None}
            stopped["automatically_finalizes_at"] = None
            ledger.put(stopped)
            events.changed(ledger, "invoice.updated", invoice, stopped)
    return new


def subscription_of(invoice: Object) -> str | None:
    """The id of the subscription that an invoice is of."""
    parent = invoice["parent"]
    return parent["subscription_details"]["subscription"] if parent else None


def _is_of(invoice: Object, subscription: Object) -> bool:
    return subscription_of(invoice) == subscription["id"]


def _of(ledger: Ledger, invoice: Object) -> Object | None:
    subscription = subscription_of(invoice)
    return ledger.find(subscription) if subscription else None


def _delinquent(ledger: Ledger, customer: str, *, is_so: bool) -> None:
    old = ledger.get("customer", customer)
    new = ledger.put({**old, "delinquent": is_so})
    events.changed(ledger, "customer.updated", old, new)
