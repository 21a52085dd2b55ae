"""The catalogue as rows: what subscriptions point at, and what keeps a buyer's version when the code moves on."""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction

from billing.catalog import CATALOG, Entry, Version
from billing.errors import PlanDrift, UnknownPlan
from billing.models import Entitlement, Plan, PlanVersion
from core.clock import now

_log = logging.getLogger(__name__)
# Versions have the same id in every cell: a subscription that moves finds its version there.
_IDS = UUID("6d3f3c0e-2b1f-5c57-9d0a-7a4f3f5f1c11")


@transaction.atomic
def sync_plans() -> list[str]:
    """Make the rows say what the catalogue says; return the versions that are new, as ``team v2``. Platform only.

    Safe to repeat. A new version is sold from now on and the one before is not; plans that the catalogue no longer has
    are retired. Rows that this code does not know, of a newer release, stay.

    Raises:
        PlanDrift: a version was changed after it had been written. Make a new one of it.
    """
    made: list[str] = []
    # One at a time, from the first row on; the primary keys settle two first runs.
    list(Plan.objects.select_for_update().order_by("key"))
    for entry in CATALOG:
        plan, _ = Plan.objects.update_or_create(
            key=entry.key, defaults={"name": entry.name, "rank": entry.rank, "state": entry.state}
        )
        made += _sync_versions(plan, entry)
    Plan.objects.exclude(key__in=[entry.key for entry in CATALOG]).exclude(state=Plan.State.RETIRED).update(
        state=Plan.State.RETIRED
    )
    return made


def newest_of(plan_key: str) -> PlanVersion:
    """Return the version of a plan that is sold now. Platform only.

    Raises:
        UnknownPlan: there is no such plan.
    """
    found = (
        PlanVersion.objects.select_related("plan")
        .prefetch_related("entitlements")
        .filter(plan_id=plan_key, sold_until=None)
        .first()
    )
    if found is None:
        raise UnknownPlan
    return found


def version_id(plan_key: str, number: int) -> UUID:
    """Return the id of a plan's version: the same wherever it is written."""
    return uuid5(_IDS, f"{plan_key}/{number}")


def _sync_versions(plan: Plan, entry: Entry) -> list[str]:
    rows = {row.number: row for row in plan.versions.prefetch_related("entitlements")}
    made = []
    for version in entry.versions:
        row = rows.get(version.number)
        if row is not None:
            _compare(entry, version, row)
        elif rows and version.number < max(rows):
            raise PlanDrift(f"{entry.key} v{version.number} is older than what was sold already: number it higher.")
        else:
            _declare(plan, version)
            made.append(f"{entry.key} v{version.number}")
    unknown = max(rows, default=0) - entry.newest.number
    if unknown > 0:
        _log.warning("plans.newer_than_this_code", extra={"plan": entry.key, "number": max(rows)})
    return made


def _declare(plan: Plan, version: Version) -> None:
    moment = now()
    plan.versions.filter(sold_until=None).update(sold_until=moment)
    row = PlanVersion.objects.create(
        id=version_id(plan.key, version.number),
        plan=plan,
        number=version.number,
        seats_min=version.seats_min,
        prices={
            currency: {interval: {"seat_minor": minor, "stripe_price": None} for interval, minor in found.items()}
            for currency, found in version.prices().items()
        },
        overage={
            meter: {currency: {"unit_minor": price, "stripe_price": None} for currency, price in found.items()}
            for meter, found in version.overage_prices().items()
        },
        sold_from=moment,
    )
    Entitlement.objects.bulk_create(
        Entitlement(version=row, feature=feature, value=amount.value, per_seat=amount.per_seat)
        for feature, amount in version.brings.items()
    )


def _compare(entry: Entry, version: Version, row: PlanVersion) -> None:
    written, declared = _written(row), version.declared()
    changed = [name for name in declared if declared[name] != written[name]]
    if changed:
        raise PlanDrift(
            f"{entry.key} v{version.number} was written with other {' and '.join(changed)}, and may have been bought. "
            "Leave it as it was and add a version to the plan in billing/catalog.py."
        )


def _written(row: PlanVersion) -> dict[str, Any]:
    """Return what a row promises, in the form of :meth:`Version.declared`: ids at Stripe are no promise."""
    return {
        "seats_min": row.seats_min,
        "prices": {
            currency: {interval: price["seat_minor"] for interval, price in found.items()}
            for currency, found in row.prices.items()
        },
        "overage": {
            meter: {currency: price["unit_minor"] for currency, price in found.items()}
            for meter, found in row.overage.items()
        },
        "brings": {
            found.feature: [found.value, found.per_seat]
            for found in sorted(row.entitlements.all(), key=lambda found: found.feature)
        },
    }
