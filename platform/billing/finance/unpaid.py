"""Invoices that were asked for and are not paid, by currency and organization."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Max, Min, QuerySet, Sum

from billing.models import Invoice, Subscription

OPEN, WRITTEN_OFF = "open", "uncollectible"
LIMIT = 200


@dataclass(frozen=True, slots=True)
class Owed:
    """What one organization owes in one currency. ``state`` is its subscription's, empty where it has none."""

    organization_id: UUID
    currency: str
    invoices: int
    minor: int
    oldest_at: datetime
    due_at: datetime | None
    state: str
    past_due_since_at: datetime | None
    url: str


@dataclass(frozen=True, slots=True)
class Unpaid:
    """What is open in one currency, and what was given up."""

    currency: str
    invoices: int
    minor: int
    written_off_minor: int


def unpaid() -> list[Unpaid]:
    """Return what is not paid in each currency that anything is not paid in."""
    rows = _not_paid(OPEN, WRITTEN_OFF).values("currency", "status").annotate(n=Count("stripe_id"), minor=_left())
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for row in rows.order_by():
        found.setdefault(row["currency"], {})[row["status"]] = (row["n"], row["minor"])
    return [
        Unpaid(currency, *by_status.get(OPEN, (0, 0)), by_status.get(WRITTEN_OFF, (0, 0))[1])
        for currency, by_status in sorted(found.items())
    ]


def owed() -> list[Owed]:
    """Return who owes, the longest first; at most two hundred."""
    rows = (
        _not_paid(OPEN)
        .values("organization_id", "currency")
        .annotate(
            n=Count("stripe_id"), minor=_left(), oldest=Min("issued_at"), due=Min("due_at"), url=Max("hosted_url")
        )
        .order_by("oldest", "organization_id")[:LIMIT]
    )
    lines = list(rows)
    owing = [row["organization_id"] for row in lines]
    running = {
        found.organization_id: found
        for found in Subscription.objects.filter(organization_id__in=owing).order_by("started_at")
    }
    return [_owed(row, running.get(row["organization_id"])) for row in lines]


def _owed(row: Mapping[str, Any], subscription: Subscription | None) -> Owed:
    return Owed(
        organization_id=row["organization_id"],
        currency=row["currency"],
        invoices=row["n"],
        minor=row["minor"],
        oldest_at=row["oldest"],
        due_at=row["due"],
        state=subscription.state if subscription else "",
        past_due_since_at=subscription.past_due_since_at if subscription else None,
        url=row["url"],
    )


def _not_paid(*statuses: str) -> QuerySet[Invoice]:
    return Invoice.objects.filter(status__in=statuses, total_minor__gt=F("paid_minor"))


def _left() -> Sum:
    return Sum(F("total_minor") - F("paid_minor"))
