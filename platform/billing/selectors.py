"""Reads."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Sum

import tenancy
from billing.dto import Usage
from billing.errors import UnknownMeter
from billing.models import Quota, Reservation


def usage(meter: str) -> Usage:
    """The bound organization's use of one meter.

    Raises:
        UnknownMeter: it has none.
    """
    row = Quota.objects.filter(organization_id=tenancy.current().id, meter=meter).first()
    if row is None:
        raise UnknownMeter(meter)
    return Usage(meter, row.used, row.reserved, row.plan_limit)


def is_held(reservation_id: UUID) -> bool:
    """Return whether the bound organization's reservation still holds its amount."""
    return Reservation.objects.filter(id=reservation_id, state=Reservation.State.HELD).exists()


def quotas_of(organization_ids: Iterable[UUID], meter: str) -> dict[UUID, tuple[int, int | None]]:
    """Return (used, limit) of one meter by organization; those without it are left out. Platform only."""
    rows = Quota.objects.filter(organization_id__in=list(organization_ids), meter=meter)
    return {row.organization_id: (row.used, row.plan_limit) for row in rows}


def used_in_all(meter: str) -> int:
    """Return how much of a meter all organizations use together. Platform only."""
    return int(Quota.objects.filter(meter=meter).aggregate(total=Sum("used"))["total"] or 0)
