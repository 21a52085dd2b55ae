"""What a change is: what there is, what is wanted instead, and the items of Stripe's that make it so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from billing.clock import now_of
from billing.models import BillingAccount, PlanVersion, Subscription

Way = Literal["up", "down", "back"]


@dataclass(frozen=True, slots=True)
class Paid:
    """What is paid for until the period ends: more than the next one is billed for, where something was given up."""

    version: PlanVersion
    seats: int


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody wants instead of what there is, and how that is done."""

    account: BillingAccount
    subscription: Subscription
    version: PlanVersion
    interval: str
    seats: int
    way: Way
    at_stripe: dict[str, Any]


def paid(account: BillingAccount, subscription: Subscription) -> Paid:
    """Return what is paid for until the period ends."""
    if subscription.kept_until is None or subscription.kept_until <= now_of(account):
        return Paid(subscription.version, subscription.seats)
    version = subscription.kept_version or subscription.version
    return Paid(version, max(subscription.kept_seats, subscription.seats))


def items_of(at_stripe: dict[str, Any], prices: dict[str, Any], seats: int) -> list[dict[str, Any]]:
    """Return the items that make the subscription be of ``prices``, whatever it is of now."""
    known, items, left = _names(), [], dict(prices)
    for item in at_stripe["items"]["data"]:
        name = known.get(item["price"]["id"])
        if name is None:
            continue
        wanted = left.pop(name, None)
        if wanted is None:
            items.append({"id": item["id"], "deleted": True})
        elif name == "seat":
            items.append({"id": item["id"], "price": wanted, "quantity": seats})
        elif wanted != item["price"]["id"]:
            items += [{"id": item["id"], "deleted": True}, {"price": wanted}]
    return [*items, *({"price": price} for name, price in sorted(left.items()) if name != "seat")]


def _names() -> dict[str, str]:
    """Return what each price of ours is for: a seat, or a meter."""
    names: dict[str, str] = {}
    for version in PlanVersion.objects.all():
        for found in version.prices.values():
            names |= {price["stripe_price"]: "seat" for price in found.values() if price.get("stripe_price")}
        for meter, found in version.overage.items():
            for price in found.values():
                kept = (price.get("stripe_price"), price.get("stripe_price_year"))
                names |= dict.fromkeys((one for one in kept if one), meter)
    return names
