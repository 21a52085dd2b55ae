"""What is beyond a plan costs so much: exact in decimals, rounded once, at the end."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from billing.features import FEATURES
from billing.models import Subscription


def overage_price(subscription: Subscription, meter: str) -> Decimal | None:
    """Return what one priced unit (a GB, a minute) costs in minor units, or None where it cannot be charged."""
    if subscription.stripe_id is None:
        return None
    found = subscription.version.overage.get(meter, {}).get(subscription.currency)
    return Decimal(str(found["unit_minor"])) if found else None


def overage_minor(price: Decimal, meter: str, amount: int) -> int:
    """Return what ``amount`` of a meter costs in minor units."""
    exact = price * amount / FEATURES[meter].priced_units
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))
