"""What the clock does to a subscription: the end of a trial, a new period, the end it was told to take."""

from __future__ import annotations

from devstack.stripe import events, invoices, lines, standing
from devstack.stripe.errors import StripeError
from devstack.stripe.periods import around
from devstack.stripe.store import Ledger, Object


def step(ledger: Ledger, subscription: Object) -> None:
    """Do what is due first."""
    now = ledger.now()
    due = [entry for entry in standing.agenda(subscription) if entry[0] <= now]
    if not due:
        standing.save(ledger, subscription)
        return
    does = {
        "warn": _warn,
        "announce": _announce,
        "cancel": _cancel,
        "give_up": _give_up,
        "roll": _roll,
        "expire": _expire,
    }[due[0][1]]
    does(ledger, subscription)


def open_period(ledger: Ledger, subscription: Object, *, at: int, all_items: bool = False) -> list[Object]:
    """Move the items whose period is over (or all) into the one that holds this moment; returns those moved."""
    moved = []
    for item in subscription["items"]["data"]:
        if all_items or item["current_period_end"] <= at:
            start, end = around(subscription["billing_cycle_anchor"], item["price"]["recurring"], at)
            item["current_period_start"], item["current_period_end"] = start, end
            moved.append(item)
    return moved


def renewal_lines(ledger: Ledger, subscription: Object, at: int) -> tuple[list[Object], tuple[int, int], list[Object]]:
    """Roll what is due at this moment: the lines of its invoice, the period that is over, and where each item was."""
    over = [dict(item) for item in subscription["items"]["data"] if item["current_period_end"] <= at]
    before = (min(item["current_period_start"] for item in over), max(item["current_period_end"] for item in over))
    found = lines.take_kept(ledger, subscription)
    was_trial = subscription["status"] == "trialing"
    usage = []
    for item in over:
        if lines.is_metered(item) and not was_trial:
            usage.append({name: item[name] for name in ("id", "current_period_start", "current_period_end")})
            counted = lines.of_usage(
                ledger, subscription, item, item["current_period_start"], item["current_period_end"]
            )
            found += [counted] if counted else []
    if was_trial:
        subscription["status"] = "active"
        subscription["billing_cycle_anchor"] = at
    moved = open_period(ledger, subscription, at=at)
    found += [lines.of_period(ledger, subscription, item) for item in moved if not lines.is_metered(item)]
    return found, before, usage


def _roll(ledger: Ledger, subscription: Object) -> None:
    at = ledger.now()
    old = standing_copy(subscription)
    if subscription["status"] == "trialing" and _ends_without_card(ledger, subscription):
        return
    made, before, usage = renewal_lines(ledger, subscription, at)
    subscription["_warned"] = True
    standing.save(ledger, subscription)
    # Nothing was used and nothing is paid ahead: there is no invoice to write.
    if made:
        unpaid = subscription["status"] == "unpaid"
        invoice = invoices.draft(
            ledger, subscription, made, reason="subscription_cycle", period=before, auto_advance=not unpaid
        )
        invoice["_usage"] = usage
        ledger.put(invoice)
        subscription["latest_invoice"] = invoice["id"]
        standing.save(ledger, subscription)
        events.emit(ledger, "invoice.created", invoice)
    events.changed(ledger, "customer.subscription.updated", old, subscription)


def recount(ledger: Ledger, invoice: Object) -> None:
    """Usage that was reported while the invoice was a draft belongs to it."""
    subscription = ledger.find(standing.subscription_of(invoice) or "")
    if subscription is None or not invoice.get("_usage"):
        return
    known = {item["id"]: item for item in subscription["items"]["data"]}
    kept = [line for line in invoice["lines"]["data"] if not _is_usage(line, invoice["_usage"])]
    counted = []
    for was in invoice["_usage"]:
        if was["id"] in known:
            start, end = was["current_period_start"], was["current_period_end"]
            line = lines.of_usage(ledger, subscription, known[was["id"]], start, end)
            counted += [line] if line else []
    for line in counted:
        line["invoice"] = invoice["id"]
    invoices.total(ledger, invoice, [*counted, *kept])
    ledger.put(invoice)


def _is_usage(line: Object, usage: list[Object]) -> bool:
    details = line["parent"]["subscription_item_details"]
    period = line["period"]
    return any(
        details["subscription_item"] == was["id"]
        and (period["start"], period["end"]) == (was["current_period_start"], was["current_period_end"])
        for was in usage
    )


def _ends_without_card(ledger: Ledger, subscription: Object) -> bool:
    """A trial that ends with nothing to pay with does what the subscription says then. True: it does not go on."""
    wanted = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
    customer = ledger.get("customer", subscription["customer"])
    can_pay = subscription["default_payment_method"] or customer["invoice_settings"]["default_payment_method"]
    if can_pay or subscription["collection_method"] == "send_invoice" or wanted == "create_invoice":
        return False
    if wanted == "cancel":
        standing.end(ledger, subscription, reason="cancellation_requested")
    else:
        paused = standing.update(ledger, subscription, status="paused")
        events.emit(ledger, "customer.subscription.paused", paused)
    return True


def _warn(ledger: Ledger, subscription: Object) -> None:
    standing.save(ledger, {**subscription, "_warned": True})
    events.emit(ledger, "customer.subscription.trial_will_end", subscription)


def _announce(ledger: Ledger, subscription: Object) -> None:
    from devstack.stripe import previews  # it rolls periods itself

    ends = min(item["current_period_end"] for item in subscription["items"]["data"])
    saved = standing.save(ledger, {**subscription, "_announced": ends})
    try:
        coming = previews.renewal(ledger, saved)
    except StripeError:
        return  # it ends before: there is nothing to announce
    del coming["id"]  # as at Stripe: it is not an invoice yet
    events.emit(ledger, "invoice.upcoming", coming)


def _cancel(ledger: Ledger, subscription: Object) -> None:
    final_usage(ledger, subscription)
    standing.end(ledger, ledger.get("subscription", subscription["id"]), reason="cancellation_requested")


def _give_up(ledger: Ledger, subscription: Object) -> None:
    standing.end(ledger, subscription, reason="payment_failed")


def _expire(ledger: Ledger, subscription: Object) -> None:
    new = standing.update(ledger, subscription, status="incomplete_expired", ended_at=ledger.now())
    invoice = ledger.find(new["latest_invoice"] or "")
    if invoice and invoice["status"] == "open":
        invoices.void(ledger, invoice)


def final_usage(ledger: Ledger, subscription: Object) -> None:
    """The last invoice of a subscription that ends: what was used, and lines that waited for a renewal."""
    if subscription["status"] == "trialing":
        return
    now = ledger.now()
    found = lines.take_kept(ledger, subscription)
    for item in subscription["items"]["data"]:
        if lines.is_metered(item):
            counted = lines.of_usage(ledger, subscription, item, item["current_period_start"], now)
            found += [counted] if counted else []
    if not found:
        return
    start = min(item["current_period_start"] for item in subscription["items"]["data"])
    invoice = invoices.draft(ledger, subscription, found, reason="subscription_cycle", period=(start, now))
    standing.save(ledger, {**subscription, "latest_invoice": invoice["id"]})
    events.emit(ledger, "invoice.created", invoice)
    opened = invoices.finalize(ledger, invoice)
    if opened["status"] == "open" and opened["collection_method"] == "charge_automatically":
        invoices.collect(ledger, opened)


def standing_copy(subscription: Object) -> Object:
    """As it is now, for a comparison afterwards."""
    items = {**subscription["items"], "data": [dict(item) for item in subscription["items"]["data"]]}
    return {**subscription, "items": items}
