"""What is and was sold, who has it, and whether it is at Stripe."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count

from billing.features import FEATURES, Feature
from billing.models import Plan, PlanVersion, Subscription
from billing.subscriptions import products
from core.errors import NotFound

State = Subscription.State
GIVEN = "given"
STANDINGS = (State.TRIALING, State.ACTIVE, State.PAST_DUE, State.READ_ONLY, GIVEN)


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a plan. ``standings`` counts organizations that have it; ``given`` are those that staff put there.

    ``prices_made`` of ``prices`` are at Stripe.
    """

    row: PlanVersion
    standings: Mapping[str, int]
    prices: int
    prices_made: int


@dataclass(frozen=True, slots=True)
class Sold:
    """A plan with its versions, the newest first."""

    plan: Plan
    versions: list[Version]


def plans() -> list[Sold]:
    """Return every plan there is or was, lowest first."""
    counted = _standings()
    found: dict[str, list[Version]] = defaultdict(list)
    for row in PlanVersion.objects.prefetch_related("entitlements").order_by("-number"):
        ids = _prices(row)
        made = sum(price is not None for price in ids)
        found[row.plan_id].append(Version(row, counted[row.id], len(ids), made))
    return [Sold(plan, found[plan.key]) for plan in Plan.objects.order_by("rank")]


def features() -> list[Feature]:
    """Return every feature there is, in the order in which they are told."""
    return list(FEATURES.values())


def make_prices(plan: str, number: int) -> int:
    """Make what a version lacks of prices at Stripe; return how many it has. No transaction may be open.

    Raises:
        NotFound: there is no such version. BillingNotConfigured, BillingUnavailable, ProviderRefused: see
        :mod:`billing.gateway`.
    """
    row = PlanVersion.objects.select_related("plan").filter(plan_id=plan, number=number).exclude(prices={}).first()
    if row is None:
        raise NotFound
    return products.sync(row)


def newest_numbers() -> dict[str, int]:
    """Return the number of the version of each plan that is sold now."""
    return dict(PlanVersion.objects.filter(sold_until=None).values_list("plan_id", "number"))


def _standings() -> dict[UUID, dict[str, int]]:
    counted: dict[UUID, dict[str, int]] = defaultdict(lambda: dict.fromkeys(STANDINGS, 0))
    rows = (
        Subscription.objects.exclude(state=State.CANCELED)
        .values("version_id", "state", "is_comp")
        .annotate(n=Count("id"))
        .order_by()
    )
    for row in rows:
        counted[row["version_id"]][GIVEN if row["is_comp"] else row["state"]] += row["n"]
    return counted


def _prices(row: PlanVersion) -> list[Any]:
    """Return the id at Stripe of every price that the version has there, None where it is missing."""
    seats = [price.get("stripe_price") for prices in row.prices.values() for price in prices.values()]
    meters = [price.get(kept) for prices in row.overage.values() for price in prices.values() for kept in _METERED]
    return [*seats, *(meters if seats else [])]


_METERED = tuple(products.KEPT_AS.values())
