"""Gauges made equal to the truth: what is taken and given back one by one is counted whole now and then."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

import tenancy
from billing.features import DOMAINS
from billing.models import Quota
from billing.services import give_back_for, recount, take_for

_log = logging.getLogger(__name__)

# The duty that recounts what only an organization's schema knows.
OF_A_SCHEMA = "billing.recount_seats"

# () -> how many there are of the bound organization's
Count = Callable[[], int]
# (organizations, or None for all) -> how many there are of each that has any
FleetCount = Callable[[Sequence[UUID] | None], dict[UUID, int]]


def recount_bound() -> int:
    """Recount what only the bound organization's schema knows; return how many gauges were wrong."""
    organization_id = tenancy.current().id
    wrong = 0
    for meter, path in settings.GAUGE_COUNTS.items():
        count: Count = import_string(path)
        # Whoever takes meanwhile waits for this row; what they committed before is counted.
        with transaction.atomic():
            row = Quota.objects.select_for_update().filter(organization_id=organization_id, meter=meter).first()
            wrong += row is not None and _settle(row, count())
    return wrong


def recount_fleet(only: Sequence[UUID] | None = None) -> int:
    """Recount what the shared schema knows, of these organizations or of all; return how many gauges were wrong.

    Platform only. Only what looks wrong is locked, and counted again under the lock.
    """
    wrong = 0
    for meter, path in settings.FLEET_GAUGE_COUNTS.items():
        counts: FleetCount = import_string(path)
        rows = Quota.objects.filter(meter=meter)
        rows = rows if only is None else rows.filter(organization_id__in=only)
        held = dict(rows.values_list("organization_id", "used"))
        there = counts(only)
        for organization_id in [found for found, used in held.items() if there.get(found, 0) != used]:
            with transaction.atomic():
                rows = Quota.objects.select_for_update().filter(organization_id=organization_id, meter=meter)
                row = rows.first()
                wrong += row is not None and _settle(row, counts([organization_id]).get(organization_id, 0))
    return wrong


def _settle(row: Quota, there: int) -> bool:
    if row.used == there:
        return False
    _log.warning(
        "gauge.was_wrong",
        extra={"organization_id": str(row.organization_id), "meter": row.meter, "used": row.used, "counted": there},
    )
    recount(row.organization_id, row.meter, there)
    return True


class DomainAllowance:
    """How many custom domains an organization may have: what ``settings.DOMAIN_ALLOWANCE`` names. Platform only."""

    @staticmethod
    def take(organization_id: UUID) -> None:
        """Count one more, in the transaction that makes it.

        Raises:
            QuotaExceeded: the plan brings no more.
        """
        take_for(organization_id, DOMAINS)

    @staticmethod
    def give_back(organization_id: UUID, amount: int = 1) -> None:
        """Count so many less, in the transaction that ends them."""
        give_back_for(organization_id, DOMAINS, amount)

    @staticmethod
    def limit(organization_id: UUID) -> int | None:
        """Return how many it may have; None is as many as it likes."""
        rows = Quota.objects.filter(organization_id=organization_id, meter=DOMAINS)
        return rows.values_list("plan_limit", flat=True).first()
