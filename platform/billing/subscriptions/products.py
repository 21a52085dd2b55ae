"""What is sold, at Stripe: a product a plan, a price a version, currency and interval, a meter for what is counted.

Everything is found again by a name of ours (product id, lookup key, event name), so making it twice makes it once.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from billing import gateway
from billing.errors import ChangeNotPossible
from billing.features import FEATURES
from billing.models import Plan, PlanVersion

INTERVALS = ("month", "year")
# Where each interval's price of an overage is kept on the version.
_KEPT_AS = {"month": "stripe_price", "year": "stripe_price_year"}


@dataclass(frozen=True, slots=True)
class Sold:
    """What a Stripe price stands for."""

    version: PlanVersion
    currency: str
    interval: str


def event_name(meter: str) -> str:
    """Return what a meter's events are called at Stripe."""
    return f"lms_{meter}"


def ensure(version: PlanVersion, currency: str, interval: str) -> dict[str, Any]:
    """Return the Stripe prices of a version, ``{"seat": id, meter: id, …}``, made where they are missing.

    No transaction may be open. Platform only.

    Raises:
        ChangeNotPossible: the plan is not sold in this currency and interval.
    """
    kept = _kept(version, currency, interval)
    if None in kept.values():
        _make(version, currency, interval, missing=[name for name, price in kept.items() if price is None])
        kept = _kept(PlanVersion.objects.get(id=version.id), currency, interval)
    return kept


def sync(version: PlanVersion) -> int:
    """Make every price of a version; return how many there are."""
    return sum(len(ensure(version, currency, interval)) for currency in version.prices for interval in INTERVALS)


def sold_as() -> dict[str, Sold]:
    """Return what each seat price at Stripe stands for."""
    found = {}
    for version in PlanVersion.objects.select_related("plan").prefetch_related("entitlements"):
        for currency, prices in version.prices.items():
            for interval, price in prices.items():
                if price.get("stripe_price"):
                    found[price["stripe_price"]] = Sold(version, currency, interval)
    return found


def _kept(version: PlanVersion, currency: str, interval: str) -> dict[str, str | None]:
    price = (version.prices.get(currency) or {}).get(interval)
    if not price:
        raise ChangeNotPossible(f"{version.plan.name} is not sold by the {interval} in {currency.upper()}.")
    overage = {
        meter: found[currency].get(_KEPT_AS[interval]) for meter, found in version.overage.items() if currency in found
    }
    return {"seat": price.get("stripe_price"), **overage}


def _make(version: PlanVersion, currency: str, interval: str, *, missing: list[str]) -> None:
    plan = version.plan
    product = gateway.ensure_product(f"lms_{plan.key}", plan.name)["id"]
    keys = {name: f"lms_{plan.key}_v{version.number}_{name}_{currency}_{interval}" for name in missing}
    known = gateway.prices_by_lookup(list(keys.values()))
    made = {}
    for name, lookup_key in keys.items():
        price = known.get(lookup_key) or gateway.create_price(
            {
                "lookup_key": lookup_key,
                "product": product,
                "currency": currency,
                "tax_behavior": "exclusive",
                "metadata": {"plan": plan.key, "version": str(version.number)},
                **(
                    _seat(version, currency, interval)
                    if name == "seat"
                    else _overage(version, name, currency, interval)
                ),
            }
        )
        made[name] = price["id"]
    _keep(version, currency, interval, product, made)


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
        "unit_amount_decimal": each,
        "recurring": {"interval": interval, "usage_type": "metered", "meter": at_stripe["id"]},
    }


@transaction.atomic
def _keep(version: PlanVersion, currency: str, interval: str, product: str, made: dict[str, str]) -> None:
    row = PlanVersion.objects.select_for_update().get(id=version.id)
    for name, price in made.items():
        if name == "seat":
            row.prices[currency][interval]["stripe_price"] = price
        else:
            row.overage[name][currency][_KEPT_AS[interval]] = price
    row.save(update_fields=["prices", "overage"])
    Plan.objects.filter(key=version.plan_id).update(stripe_product=product)
