"""What is sold, at Stripe: a product a plan, a price a version, currency and interval, a meter for what is counted.

Everything is found again by a name of ours (product id, lookup key, event name), so making it twice makes it once.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from billing import gateway
from billing.errors import ChangeNotPossible
from billing.features import FEATURES
from billing.models import Plan, PlanVersion

INTERVALS = ("month", "year")
_CHECKED_SECONDS = 600.0
_checked: dict[tuple[Any, ...], float] = {}
# Where each interval's price of an overage is kept on the version.
KEPT_AS = {"month": "stripe_price", "year": "stripe_price_year"}


@dataclass(frozen=True, slots=True)
class Sold:
    """What a Stripe price stands for."""

    version_id: UUID
    currency: str
    interval: str


def event_name(meter: str) -> str:
    """Return what a meter's events are called at Stripe."""
    return f"lms_{meter}"


def ensure(version: PlanVersion, currency: str, interval: str) -> dict[str, Any]:
    """Return the Stripe prices of a version, ``{"seat": id, meter: id, …}``, made where they are missing.

    What is kept is held against Stripe now and then: another key may lead to another Stripe. No transaction may be
    open. Platform only.

    Raises:
        ChangeNotPossible: the plan is not sold in this currency and interval.
    """
    kept = _kept(version, currency, interval)
    checked = (gateway.place(), version.id, currency, interval)
    if None in kept.values() or _checked.get(checked, 0.0) < time.monotonic():
        _make(version, currency, interval, kept)
        kept = _kept(PlanVersion.objects.select_related("plan").get(id=version.id), currency, interval)
        _checked[checked] = time.monotonic() + _CHECKED_SECONDS
    return kept


def sync(version: PlanVersion) -> int:
    """Make every price of a version; return how many there are."""
    return sum(len(ensure(version, currency, interval)) for currency in version.prices for interval in INTERVALS)


def sold_as() -> dict[str, Sold]:
    """Return what each seat price at Stripe stands for.

    Read anew for each fold: one question of a table that has a row a version. Prices are made at any moment and by any
    process, and a fold that does not know one yet stops at it.
    """
    found = {}
    for version_id, by_currency in PlanVersion.objects.values_list("id", "prices"):
        for currency, prices in by_currency.items():
            for interval, price in prices.items():
                if price.get("stripe_price"):
                    found[price["stripe_price"]] = Sold(version_id, currency, interval)
    return found


def _kept(version: PlanVersion, currency: str, interval: str) -> dict[str, str | None]:
    price = (version.prices.get(currency) or {}).get(interval)
    if not price:
        raise ChangeNotPossible(f"{version.plan.name} is not sold by the {interval} in {currency.upper()}.")
    overage = {
        meter: found[currency].get(KEPT_AS[interval]) for meter, found in version.overage.items() if currency in found
    }
    return {"seat": price.get("stripe_price"), **overage}


def _make(version: PlanVersion, currency: str, interval: str, kept: dict[str, str | None]) -> None:
    plan = version.plan
    keys = {name: f"lms_{plan.key}_v{version.number}_{name}_{currency}_{interval}" for name in kept}
    known = gateway.prices_by_lookup(list(keys.values()))
    found = {name: known[key]["id"] for name, key in keys.items() if key in known}
    product = plan.stripe_product
    if len(found) < len(keys) or not product:
        product = str(gateway.ensure_product(f"lms_{plan.key}", plan.name)["id"])
    for name in keys.keys() - found.keys():
        price = {
            "lookup_key": keys[name],
            "product": product,
            "currency": currency,
            "tax_behavior": "exclusive",
            "metadata": {"plan": plan.key, "version": str(version.number)},
            **_terms(version, name, currency, interval),
        }
        found[name] = gateway.create_price(price)["id"]
    if found != kept or product != plan.stripe_product:
        _keep(version, currency, interval, product, found)


def _terms(version: PlanVersion, name: str, currency: str, interval: str) -> dict[str, Any]:
    if name == "seat":
        return _seat(version, currency, interval)
    return _overage(version, name, currency, interval)


def _seat(version: PlanVersion, currency: str, interval: str) -> dict[str, Any]:
    minor = version.prices[currency][interval]["seat_minor"]
    return {
        "nickname": f"{version.plan.name} v{version.number}, a seat",
        "unit_amount": minor,
        "recurring": {"interval": interval, "usage_type": "licensed"},
    }


def _overage(version: PlanVersion, meter: str, currency: str, interval: str) -> dict[str, Any]:
    feature = FEATURES[meter]
    # Meters count bytes and seconds, prices are for a GB and a minute.
    each = Decimal(version.overage[meter][currency]["unit_minor"]) / feature.priced_units
    at_stripe = gateway.ensure_meter(event_name(meter), feature.name)
    return {
        "nickname": f"{version.plan.name} v{version.number}, {feature.name} beyond what is included",
        # Written out: a Decimal this small is sent as 5E-9, which is no decimal of Stripe's.
        "unit_amount_decimal": f"{each:f}",
        "recurring": {"interval": interval, "usage_type": "metered", "meter": at_stripe["id"]},
    }


@transaction.atomic
def _keep(version: PlanVersion, currency: str, interval: str, product: str, made: dict[str, str]) -> None:
    row = PlanVersion.objects.select_for_update().get(id=version.id)
    for name, price in made.items():
        if name == "seat":
            row.prices[currency][interval]["stripe_price"] = price
        else:
            row.overage[name][currency][KEPT_AS[interval]] = price
    row.save(update_fields=["prices", "overage"])
    Plan.objects.filter(key=version.plan_id).update(stripe_product=product)
