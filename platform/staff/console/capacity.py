"""What the fleet takes of the machine: warm schemas, connections, and organizations that nobody uses. Platform only.

Everything about organizations comes from their kept figures: no schema is visited for a page.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db.models import BigIntegerField, Count, DateField, F, QuerySet, Sum, Value
from django.db.models.functions import Coalesce, TruncDate

from core.clock import iso, now
from core.errors import ValidationFailed
from staff.console import directory
from staff.models import OrganizationStat
from tenancy.postgresql import activity
from tenants import api as tenants

ORDERS = {
    "active": "active_on",
    "name": "sort_name",
    "storage": "storage_bytes",
    "schema": "sort_schema",
    "members": "members",
}


@dataclass(frozen=True, slots=True)
class Schemas:
    """All schemas together, as far as they have been measured."""

    organizations: int
    measured: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Capacity:
    """The machine's share of everything that grows with the fleet."""

    pool: tenants.Pool
    connections: activity.Connections
    schemas: Schemas


def capacity() -> Capacity:
    """Return it as it is now; sizes of schemas are of the last day."""
    rows = OrganizationStat.objects.filter(organization__state__in=tenants.WITH_SCHEMA)
    sums = rows.aggregate(all=Count("organization_id"), measured=Count("schema_bytes"), bytes=Sum("schema_bytes"))
    return Capacity(
        pool=tenants.warm_pool(),
        connections=activity.connections(),
        schemas=Schemas(sums["all"], sums["measured"], int(sums["bytes"] or 0)),
    )


@dataclass(frozen=True, slots=True)
class Idle:
    """Which organizations: nobody of theirs was seen for ``days``, or since they were made."""

    days: int
    states: tuple[str, ...] = ()
    order: str = "active"


def idle(asked: Idle) -> QuerySet[OrganizationStat]:
    """Return the organizations that take place and are not used, ready for pages and CSV."""
    since = now().date() - timedelta(days=asked.days)
    rows = directory.matching(directory.Query(states=asked.states or tuple(tenants.WITH_SCHEMA)))
    return rows.annotate(
        active_on=Coalesce("last_seen_on", TruncDate("organization__created_at"), output_field=DateField()),
        sort_schema=Coalesce(F("schema_bytes"), Value(0), output_field=BigIntegerField()),
    ).filter(active_on__lte=since)


def order_of(asked: Idle) -> tuple[str, str]:
    """Return the columns of the order; the last one is unique.

    Raises:
        ValidationFailed: there is no such order.
    """
    sign, name = ("-", asked.order[1:]) if asked.order.startswith("-") else ("", asked.order)
    if name not in ORDERS:
        raise ValidationFailed(errors={"order": f"Order by one of: {', '.join(ORDERS)}."})
    return f"{sign}{ORDERS[name]}", f"{sign}organization_id"


def totals(asked: Idle) -> dict[str, int]:
    """Return how many they are, and what they take together."""
    found = idle(asked).aggregate(
        total=Count("organization_id"), storage_bytes=Sum("storage_bytes"), schema_bytes=Sum("schema_bytes")
    )
    return {name: int(value or 0) for name, value in found.items()}


COLUMNS = (
    "id", "name", "host", "state", "plan", "active_on", "idle_days", "last_seen_on", "created_at", "members",
    "storage_bytes", "schema_bytes", "schema_tables", "schema_tables_used", "schema_counted_at", "release", "as_of",
)  # fmt: skip


def line(row: OrganizationStat, today: date) -> dict[str, Any]:
    """Return an idle organization as the API and the CSV show it."""
    organization, active_on = row.organization, row.active_on  # type: ignore[attr-defined]
    return {
        "id": str(organization.id),
        "name": organization.name,
        "host": row.host,  # type: ignore[attr-defined]
        "state": organization.state,
        "plan": row.plan,
        "active_on": active_on.isoformat(),
        "idle_days": (today - active_on).days,
        "last_seen_on": row.last_seen_on.isoformat() if row.last_seen_on else None,
        "created_at": iso(organization.created_at),
        "members": row.members,
        "storage_bytes": row.storage_bytes,
        "schema_bytes": row.schema_bytes,
        "schema_tables": row.schema_tables,
        "schema_tables_used": row.schema_tables_used,
        "schema_counted_at": iso(row.schema_counted_at) if row.schema_counted_at else None,
        "release": row.release,
        "as_of": iso(row.as_of) if row.as_of else None,
    }


def csv_lines(asked: Idle) -> Iterator[str]:
    """Yield all of them as CSV, a chunk at a time."""
    out, today = directory.Lines(), now().date()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    yield out.taken()
    for chunk in directory.chunks(idle(asked)):
        for row in chunk:
            shown = line(row, today)
            writer.writerow([directory.plain(shown[name]) for name in COLUMNS])
        yield out.taken()


def limits() -> dict[str, Any]:
    """Return the settings that keep the machine's memory and threads in hand."""
    return {
        "connection_max_age_seconds": settings.DATABASES["default"]["CONN_MAX_AGE"],
        "connection_tenants": settings.CONNECTION_TENANTS,
        "web_share_percent": settings.WEB_SHARE_PERCENT,
        "web_steady_percent": settings.WEB_STEADY_PERCENT,
        "rates": [
            {"name": name, "quota": rate.quota, "window_seconds": rate.window}
            for name, rate in settings.RATE_LIMITS.items()
            if rate
        ],
    }
