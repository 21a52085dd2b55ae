"""Lines of invoices: a period of a price, what a meter counted, and the parts of a period that a change leaves over."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from devstack.stripe import meters, prices
from devstack.stripe.periods import words
from devstack.stripe.store import Ledger, Object, new_id


def make(
    ledger: Ledger,
    subscription: Object,
    item: Object,
    *,
    amount: int,
    quantity: int,
    description: str,
    start: int,
    end: int,
    proration: bool = False,
) -> Object:
    """One line, not yet on an invoice and without its tax."""
    price = ledger.get("price", item["price"]["id"])
    unit = prices.in_currency(price, subscription["currency"])["unit_amount_decimal"]
    return {
        "id": new_id("il"),
        "object": "line_item",
        "amount": amount,
        "currency": subscription["currency"],
        "description": description,
        "discount_amounts": [],
        "discountable": not proration,
        "discounts": [],
        "invoice": None,
        "livemode": False,
        "metadata": dict(subscription["metadata"]),
        "parent": {
            "invoice_item_details": None,
            "subscription_item_details": {
                "invoice_item": new_id("ii") if proration else None,
                "proration": proration,
                "proration_details": {"credited_items": None},
                "subscription": subscription["id"],
                "subscription_item": item["id"],
            },
            "type": "subscription_item_details",
        },
        "period": {"end": end, "start": start},
        "pretax_credit_amounts": [],
        "pricing": {
            "price_details": {"price": price["id"], "product": price["product"]},
            "type": "price_details",
            "unit_amount_decimal": unit,
        },
        "quantity": quantity,
        "quantity_decimal": str(quantity),
        "subtotal": amount,
        "taxes": [],
    }


def is_metered(item: Object) -> bool:
    return bool(item["price"]["recurring"]["usage_type"] == "metered")


def name_of(ledger: Ledger, item: Object) -> str:
    product = ledger.find(item["price"]["product"]) or {}
    return item["price"]["nickname"] or product.get("name") or "Subscription"


def of_period(ledger: Ledger, subscription: Object, item: Object) -> Object:
    """A licensed item's whole current period, paid ahead; nothing is due for a trial."""
    price = ledger.get("price", item["price"]["id"])
    trial = subscription["status"] == "trialing"
    amount = prices.amount_of(price, subscription["currency"], Decimal(item["quantity"]))
    name = name_of(ledger, item)
    each = f"{item['quantity']} × {name}"
    return make(
        ledger,
        subscription,
        item,
        amount=0 if trial else amount,
        quantity=item["quantity"],
        description=f"Trial period for {name}" if trial else f"{each} (per {price['recurring']['interval']})",
        start=item["current_period_start"],
        end=item["current_period_end"],
    )


def of_usage(ledger: Ledger, subscription: Object, item: Object, start: int, end: int) -> Object | None:
    """What the item's meter counted in this time; None for nothing."""
    price = ledger.get("price", item["price"]["id"])
    meter = ledger.get("billing.meter", price["recurring"]["meter"])
    counted = meters.used(ledger, meter, subscription["customer"], start, end)
    if counted <= 0:
        return None
    line = make(
        ledger,
        subscription,
        item,
        amount=prices.amount_of(price, subscription["currency"], counted),
        quantity=prices.rounded(counted),
        description=f"{counted.normalize():f} × {name_of(ledger, item)}",
        start=start,
        end=end,
    )
    line["quantity_decimal"] = f"{counted:f}"
    return line


def of_change(ledger: Ledger, subscription: Object, old: Object | None, new: Object | None, at: int) -> list[Object]:
    """What a change now gives back of the old item and asks for the new: by the second, each rounded once."""
    found: list[Object] = []
    for item, sign in ((old, -1), (new, 1)):
        if item is None or is_metered(item) or not item["quantity"]:
            continue
        start, end = item["current_period_start"], item["current_period_end"]
        price = ledger.get("price", item["price"]["id"])
        whole = prices.amount_of(price, subscription["currency"], Decimal(item["quantity"]))
        part = prices.rounded(Decimal(whole) * (end - at) / (end - start)) if end > start else 0
        each = f"{item['quantity']} × {name_of(ledger, item)} after {words(at)}"
        found.append(
            make(
                ledger,
                subscription,
                item,
                amount=sign * part,
                quantity=item["quantity"],
                description=f"{'Unused' if sign < 0 else 'Remaining'} time on {each}",
                start=at,
                end=end,
                proration=True,
            )
        )
    return found


def keep(ledger: Ledger, subscription: Object, made: list[Object]) -> None:
    """Lay lines aside for the subscription's next invoice."""
    for line in made:
        ledger.put(
            {
                "id": new_id("ii_local"),
                "object": "pending_line",
                "customer": subscription["customer"],
                "subscription": subscription["id"],
                "line": line,
            }
        )


def take_kept(ledger: Ledger, subscription: Object) -> list[Object]:
    """The lines laid aside, in order; they are now for the invoice being made."""
    waiting = ledger.all(
        "pending_line",
        customer=subscription["customer"],
        where=lambda one: one["subscription"] == subscription["id"],
    )
    for one in waiting:
        ledger.put({**one, "deleted": True})
    return [one["line"] for one in reversed(waiting)]


def item_of(ledger: Ledger, subscription_id: str, price: Object, quantity: int | None, **more: Any) -> Object:
    """A subscription item of a price; a metered one has no quantity."""
    recurring = price["recurring"]
    item = {
        "id": new_id("si", 14),
        "object": "subscription_item",
        "billing_thresholds": None,
        "created": ledger.now(),
        "current_period_end": 0,
        "current_period_start": 0,
        "discounts": [],
        "metadata": {},
        "plan": {
            "id": price["id"],
            "object": "plan",
            "active": price["active"],
            "amount": price["unit_amount"],
            "amount_decimal": price["unit_amount_decimal"],
            "billing_scheme": price["billing_scheme"],
            "created": price["created"],
            "currency": price["currency"],
            "interval": recurring["interval"],
            "interval_count": recurring["interval_count"],
            "livemode": False,
            "metadata": price["metadata"],
            "meter": recurring["meter"],
            "nickname": price["nickname"],
            "product": price["product"],
            "tiers_mode": price["tiers_mode"],
            "transform_usage": None,
            "trial_period_days": None,
            "usage_type": recurring["usage_type"],
        },
        "price": price,
        "subscription": subscription_id,
        "tax_rates": [],
        **more,
    }
    if recurring["usage_type"] == "licensed":
        item["quantity"] = 1 if quantity is None else quantity
    return item
