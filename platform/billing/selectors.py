"""Reads."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Sum

import tenancy
from billing.dto import Usage
from billing.errors import UnknownMeter
from billing.models import BillingAccount, Quota, Reservation


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


def whose(customers: Iterable[str]) -> dict[str, UUID]:
    """Return customer -> organization, for those of Stripe's customers that are or were somebody's. Platform only."""
    wanted = {customer for customer in customers if customer}
    rows = BillingAccount.objects.filter(stripe_customer__in=wanted)
    found = {str(row.stripe_customer): row.organization_id for row in rows.only("stripe_customer", "organization_id")}
    left = sorted(wanted - found.keys())
    for row in BillingAccount.objects.filter(former_customers__overlap=left) if left else ():
        found |= {former: row.organization_id for former in row.former_customers if former in left}
    return found


def customers_of(organization_id: UUID) -> list[str]:
    """Return who an organization is, and was, at Stripe. Platform only."""
    row = BillingAccount.objects.filter(organization_id=organization_id).first()
    return [one for one in (row.stripe_customer, *row.former_customers) if one] if row else []


def used_in_all(meter: str) -> int:
    """Return how much of a meter all organizations use together. Platform only."""
    return int(Quota.objects.filter(meter=meter).aggregate(total=Sum("used"))["total"] or 0)
