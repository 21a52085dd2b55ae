"""Subscriptions: made, changed, ended. What a change costs is worked out here, for the change and for its preview."""

from __future__ import annotations

from typing import Any

from devstack.stripe import cards, customers, cycles, events, invoices, lines, prices, standing, tax
from devstack.stripe.errors import BadParameters, StripeError, refused
from devstack.stripe.params import merge_metadata
from devstack.stripe.periods import DAY, around
from devstack.stripe.store import Ledger, Object, list_of, new_id


def create(ledger: Ledger, params: dict[str, Any], *, collects: bool = True, present: bool = False) -> Object:
    """A new subscription and its first invoice, which is paid at once where something is due.

    Raises:
        StripeError: it cannot be sold so; with ``error_if_incomplete``, that the card was declined.
    """
    customer = ledger.get("customer", params["customer"], "customer")
    now = ledger.now()
    subscription_id = new_id("sub")
    chosen = _chosen(ledger, params.get("items") or [])
    currency = (params.get("currency") or chosen[0][0]["currency"]).lower()
    customers.take_currency(ledger, customer["id"], currency)
    trial_end = _trial_end(params, now)
    subscription = _blank(ledger, subscription_id, customer, currency, params)
    _check_method(ledger, params.get("default_payment_method"), customer["id"])
    subscription |= {
        "billing_cycle_anchor": trial_end or now,
        "status": "trialing" if trial_end else "incomplete",
        "trial_end": trial_end,
        "trial_start": now if trial_end else None,
    }
    data = []
    for price, given in chosen:
        prices.in_currency(price, currency)
        item = lines.item_of(ledger, subscription_id, price, given.get("quantity"))
        item["metadata"] = merge_metadata({}, given.get("metadata", {}))
        start, end = (now, trial_end) if trial_end else around(now, price["recurring"], now)
        item["current_period_start"], item["current_period_end"] = start, end
        data.append(item)
    _check_items(data)
    subscription["items"] = list_of(f"/v1/subscription_items?subscription={subscription_id}", data)
    _end_by(subscription, params, now)
    _check_tax(ledger, subscription)
    standing.save(ledger, subscription)
    if collects:
        events.emit(ledger, "customer.subscription.created", subscription)
    paid_ahead = [lines.of_period(ledger, subscription, item) for item in data if not lines.is_metered(item)]
    period = (now, min(item["current_period_end"] for item in data))
    if collects and not paid_ahead and not trial_end:
        return standing.update(ledger, subscription, status="active")
    invoice = invoices.draft(ledger, subscription, paid_ahead, reason="subscription_create", period=period)
    subscription = standing.save(ledger, {**subscription, "latest_invoice": invoice["id"]})
    if not collects:
        return subscription
    events.emit(ledger, "invoice.created", invoice)
    _settle_first(ledger, invoice, params.get("payment_behavior") or "allow_incomplete", present=present)
    return ledger.get("subscription", subscription_id)


def change(
    ledger: Ledger, subscription: Object, params: dict[str, Any], *, collects: bool = True
) -> tuple[Object, Object | None]:
    """Change it. Returns it as it is then, and the invoice that was made for it at once, if any.

    Raises:
        StripeError: it cannot be changed so; with ``error_if_incomplete``, that the card was declined.
    """
    if subscription["status"] in standing.DEAD:
        words = "A canceled subscription can only update its cancellation_details and metadata."
        raise refused(words, "", "resource_missing")
    old = cycles.standing_copy(subscription)
    now = ledger.now()
    prorates = params.get("proration_behavior") or "create_prorations"
    at = params.get("proration_date") or now
    _apply_fields(ledger, subscription, params)
    trial_end = params.get("trial_end")
    ends_trial = trial_end == "now" and subscription["status"] == "trialing"
    if trial_end and not ends_trial:
        _prolong(subscription, trial_end, now)
    before = {item["id"]: dict(item) for item in subscription["items"]["data"]}
    gone = _change_items(ledger, subscription, params.get("items") or [], now)
    after = {item["id"]: item for item in subscription["items"]["data"]}
    restarts = (
        ends_trial or (params.get("billing_cycle_anchor") or {}).get("type") == "now" or _other_rhythm(before, after)
    )
    was_trial = old["status"] == "trialing"
    made: list[Object] = []
    if restarts and not (was_trial and not ends_trial):
        made = _restart(ledger, subscription, before, now, gives_back=prorates != "none" and not was_trial)
    elif not was_trial and prorates != "none":
        for item_id in dict.fromkeys([*before, *after]):
            was, now_is = before.get(item_id), after.get(item_id)
            if was is None or now_is is None or _differs(was, now_is):
                made += lines.of_change(ledger, subscription, was, now_is, at)
    for item in gone:
        if not was_trial and lines.is_metered(item):
            counted = lines.of_usage(ledger, subscription, item, item["current_period_start"], now)
            made += [counted] if counted else []
    _end_by(subscription, params, now)
    _check_tax(ledger, subscription)
    standing.save(ledger, subscription)
    invoice = None
    if made and (prorates == "always_invoice" or restarts):
        made = [*lines.take_kept(ledger, subscription), *made]
        reason = "subscription_cycle" if ends_trial else "subscription_update"
        invoice = invoices.draft(ledger, subscription, made, reason=reason, period=(now, now))
        subscription["latest_invoice"] = invoice["id"]
        standing.save(ledger, subscription)
    elif made:
        lines.keep(ledger, subscription, made)
    if collects:
        events.changed(ledger, "customer.subscription.updated", old, subscription)
        if invoice is not None:
            events.emit(ledger, "invoice.created", invoice)
            invoice = _settle_change(ledger, invoice, params.get("payment_behavior") or "allow_incomplete")
    return ledger.get("subscription", subscription["id"]), invoice


def _settle_first(ledger: Ledger, invoice: Object, behaviour: str, *, present: bool) -> None:
    opened = invoices.finalize(ledger, invoice)
    if opened["status"] == "paid" or opened["collection_method"] == "send_invoice":
        standing.paid(ledger, opened)  # an invoice that is sent makes the subscription active before it is paid
        return
    if behaviour == "default_incomplete":
        return
    _, says = invoices.collect(ledger, opened, present=present)
    if says and behaviour == "error_if_incomplete":
        raise _no(says)


def _settle_change(ledger: Ledger, invoice: Object, behaviour: str) -> Object:
    opened = invoices.finalize(ledger, invoice)
    if opened["status"] == "paid" or opened["collection_method"] == "send_invoice" or behaviour == "default_incomplete":
        return opened
    paid, says = invoices.collect(ledger, opened)
    if says and behaviour == "error_if_incomplete":
        raise _no(says)
    return paid


def _no(says: str) -> StripeError:
    """Nothing of it is kept: the whole call is taken back."""
    if says == "missing_payment_method":
        return refused(
            "This customer has no attached payment source or default payment method.", "", "resource_missing"
        )
    return cards.decline(says, keeps=False)


def _blank(ledger: Ledger, subscription_id: str, customer: Object, currency: str, params: dict[str, Any]) -> Object:
    sent = params.get("collection_method") == "send_invoice"
    if sent and params.get("days_until_due") is None:
        words = "If you set collection_method to send_invoice, you must also specify days_until_due."
        raise BadParameters(words, code="parameter_missing", param="days_until_due")
    automatic = bool((params.get("automatic_tax") or {}).get("enabled"))
    ends = ((params.get("trial_settings") or {}).get("end_behavior") or {}).get("missing_payment_method")
    settings = params.get("payment_settings") or {}
    return {
        "id": subscription_id,
        "object": "subscription",
        "application": None,
        "application_fee_percent": None,
        "automatic_tax": {
            "disabled_reason": None,
            "enabled": automatic,
            "liability": {"type": "self"} if automatic else None,
        },
        "billing_cycle_anchor": 0,
        "billing_cycle_anchor_config": None,
        "billing_mode": {"flexible": {"proration_discounts": "included"}, "type": "flexible"},
        "billing_schedules": [],
        "billing_thresholds": None,
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "collection_method": "send_invoice" if sent else "charge_automatically",
        "created": ledger.now(),
        "currency": currency,
        "customer": customer["id"],
        "days_until_due": params.get("days_until_due"),
        "default_payment_method": params.get("default_payment_method"),
        "default_source": None,
        "default_tax_rates": [],
        "description": params.get("description"),
        "discounts": [],
        "ended_at": None,
        "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}},
        "items": {},
        "latest_invoice": None,
        "livemode": False,
        "metadata": merge_metadata({}, params.get("metadata", {})),
        "next_pending_invoice_item_invoice": None,
        "on_behalf_of": None,
        "pause_collection": None,
        "payment_settings": {
            "payment_method_options": None,
            "payment_method_types": None,
            "save_default_payment_method": settings.get("save_default_payment_method") or "off",
        },
        "pending_invoice_item_interval": None,
        "pending_setup_intent": None,
        "pending_update": None,
        "schedule": None,
        "start_date": ledger.now(),
        "status": "incomplete",
        "test_clock": customers.CLOCK,
        "transfer_data": None,
        "trial_end": None,
        "trial_settings": {"end_behavior": {"missing_payment_method": ends or "create_invoice"}},
        "trial_start": None,
    }


def _apply_fields(ledger: Ledger, subscription: Object, params: dict[str, Any]) -> None:
    for name in ("description", "days_until_due", "collection_method", "default_payment_method"):
        if name in params:
            subscription[name] = params[name]
    _check_method(ledger, params.get("default_payment_method"), subscription["customer"])
    if subscription["collection_method"] == "send_invoice" and subscription["days_until_due"] is None:
        words = "If you set collection_method to send_invoice, you must also specify days_until_due."
        raise BadParameters(words, code="parameter_missing", param="days_until_due")
    if subscription["collection_method"] == "charge_automatically":
        subscription["days_until_due"] = None
    if "metadata" in params:
        subscription["metadata"] = merge_metadata(subscription["metadata"], params["metadata"])
    if params.get("automatic_tax"):
        enabled = bool(params["automatic_tax"].get("enabled"))
        subscription["automatic_tax"] |= {"enabled": enabled, "liability": {"type": "self"} if enabled else None}
    if params.get("payment_settings"):
        subscription["payment_settings"] |= params["payment_settings"]
    if params.get("trial_settings"):
        subscription["trial_settings"] = params["trial_settings"]
    if params.get("cancellation_details"):
        subscription["cancellation_details"] |= params["cancellation_details"]


def _change_items(ledger: Ledger, subscription: Object, given: list[dict[str, Any]], now: int) -> list[Object]:
    """Put the given items in; returns those that are gone."""
    data = subscription["items"]["data"]
    by_id = {item["id"]: item for item in data}
    gone = []
    for one in given:
        if one.get("id"):
            item = by_id.get(one["id"])
            if item is None:
                raise refused(f"No such subscription_item: '{one['id']}'", "items[id]", "resource_missing")
            if one.get("deleted"):
                data.remove(item)
                gone.append(item)
                continue
            _change_item(ledger, subscription, item, one)
            continue
        ((price, _),) = _chosen(ledger, [one])
        prices.in_currency(price, subscription["currency"])
        item = lines.item_of(ledger, subscription["id"], price, one.get("quantity"))
        start, end = around(subscription["billing_cycle_anchor"], price["recurring"], now)
        if subscription["status"] == "trialing":
            start, end = now, subscription["trial_end"]
        item["current_period_start"], item["current_period_end"] = start, end
        data.append(item)
    _check_items(data)
    return gone


def _change_item(ledger: Ledger, subscription: Object, item: Object, given: dict[str, Any]) -> None:
    if given.get("price") and given["price"] != item["price"]["id"]:
        ((price, _),) = _chosen(ledger, [given])
        prices.in_currency(price, subscription["currency"])
        fresh = lines.item_of(ledger, subscription["id"], price, item.get("quantity"))
        item |= {"price": fresh["price"], "plan": fresh["plan"]}
        if lines.is_metered(item):
            item.pop("quantity", None)
        else:
            item.setdefault("quantity", 1)
    if given.get("quantity") is not None:
        if lines.is_metered(item):
            raise refused("You cannot set the quantity for metered plans.", "items[quantity]")
        item["quantity"] = given["quantity"]
    if "metadata" in given:
        item["metadata"] = merge_metadata(item["metadata"], given["metadata"])


def _restart(
    ledger: Ledger, subscription: Object, before: dict[str, Object], now: int, *, gives_back: bool
) -> list[Object]:
    """Begin a new period for everything: what is left of the old ones is given back, the new ones are paid ahead."""
    made: list[Object] = []
    if gives_back:
        for item in before.values():
            made += lines.of_change(ledger, subscription, item, None, now)
    for item in before.values():
        if lines.is_metered(item) and subscription["status"] != "trialing":
            counted = lines.of_usage(ledger, subscription, item, item["current_period_start"], now)
            made += [counted] if counted else []
    if subscription["status"] == "trialing":
        subscription |= {"status": "active", "trial_end": now}
    subscription["billing_cycle_anchor"] = now
    moved = cycles.open_period(ledger, subscription, at=now, all_items=True)
    return made + [lines.of_period(ledger, subscription, item) for item in moved if not lines.is_metered(item)]


def _chosen(ledger: Ledger, given: list[dict[str, Any]]) -> list[tuple[Object, dict[str, Any]]]:
    if not given:
        raise BadParameters("Missing required param: items.", code="parameter_missing", param="items")
    found = []
    for position, one in enumerate(given):
        if not one.get("price"):
            name = f"items[{position}][price]"
            raise BadParameters(f"Missing required param: {name}.", code="parameter_missing", param=name)
        price = ledger.get("price", one["price"], f"items[{position}][price]")
        if not price["active"]:
            raise refused(f"The price specified is inactive: {price['id']}.", f"items[{position}][price]")
        if price["recurring"] is None:
            raise refused("The price specified is set to `type=one_time`.", f"items[{position}][price]")
        if price["recurring"]["usage_type"] == "metered" and one.get("quantity") is not None:
            raise refused("You cannot set the quantity for metered plans.", f"items[{position}][quantity]")
        found.append((price, one))
    return found


def _check_items(data: list[Object]) -> None:
    if not data:
        raise refused("A subscription must have at least one active item.", "items")
    if len({item["price"]["id"] for item in data}) < len(data):
        raise refused("Cannot add multiple subscription items with the same price.", "items")


def _check_method(ledger: Ledger, payment_method: str | None, customer: str) -> None:
    if (
        payment_method
        and ledger.get("payment_method", payment_method, "default_payment_method")["customer"] != customer
    ):
        words = f"The customer does not have a payment method with the ID {payment_method}."
        raise refused(words, "default_payment_method", "resource_missing")


def _check_tax(ledger: Ledger, subscription: Object) -> None:
    if subscription["automatic_tax"]["enabled"] and not tax.is_located(
        ledger.get("customer", subscription["customer"])
    ):
        words = "The customer's location isn't recognized. Set a valid customer address in order to calculate tax."
        raise refused(words, "", "customer_tax_location_invalid")


def _trial_end(params: dict[str, Any], now: int) -> int | None:
    if params.get("trial_end") and params["trial_end"] != "now":
        if params["trial_end"] <= now:
            raise refused("Invalid timestamp: must be an integer Unix timestamp in the future.", "trial_end")
        return int(params["trial_end"])
    if params.get("trial_period_days"):
        return int(now + params["trial_period_days"] * DAY)
    return None


def _prolong(subscription: Object, trial_end: int | str, now: int) -> None:
    if trial_end == "now":
        return
    if int(trial_end) <= now:
        raise refused("Invalid timestamp: must be an integer Unix timestamp in the future.", "trial_end")
    subscription |= {
        "status": "trialing",
        "trial_start": subscription["trial_start"] or now,
        "trial_end": trial_end,
        "billing_cycle_anchor": trial_end,
        "_warned": False,
    }
    for item in subscription["items"]["data"]:
        item["current_period_end"] = trial_end


def _end_by(subscription: Object, params: dict[str, Any], now: int) -> None:
    """``cancel_at_period_end`` and ``cancel_at``: when it ends by itself."""
    if params.get("cancel_at_period_end") is not None and "cancel_at" in params:
        raise refused("You may only specify one of these parameters: cancel_at, cancel_at_period_end.", "cancel_at")
    if "cancel_at_period_end" in params:
        ends = max(item["current_period_end"] for item in subscription["items"]["data"])
        chosen = bool(params["cancel_at_period_end"])
        if not chosen and not subscription["cancel_at_period_end"]:
            return  # a day is taken back by its own name
        subscription |= {"cancel_at_period_end": chosen, "cancel_at": ends if chosen else None}
    elif "cancel_at" in params:
        subscription |= {"cancel_at_period_end": False, "cancel_at": params["cancel_at"]}
    else:
        return
    told = subscription["cancel_at"] is not None
    subscription["canceled_at"] = (subscription["canceled_at"] or now) if told else None
    subscription["cancellation_details"] |= {"reason": "cancellation_requested" if told else None}


def _other_rhythm(before: dict[str, Object], after: dict[str, Object]) -> bool:
    return any(
        before[item_id]["price"]["recurring"]["interval"] != item["price"]["recurring"]["interval"]
        for item_id, item in after.items()
        if item_id in before
    )


def _differs(was: Object, now_is: Object) -> bool:
    return was["price"]["id"] != now_is["price"]["id"] or was.get("quantity") != now_is.get("quantity")
