"""The list of organizations: search, filters, order, CSV. One statement a page, whatever the number of schemas."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F, FilteredRelation, Q, QuerySet, TextField, Value
from django.db.models.functions import Coalesce, Lower

from billing import api as billing
from core.clock import iso
from core.errors import ValidationFailed
from events import api as events
from staff.console import addresses, figures
from staff.models import OrganizationStat
from tenants import api as tenants

ORDERS: dict[str, str] = {
    "name": "sort_name",
    "created": "sort_created",
    "storage": "storage_bytes",
    "members": "members",
    "health": "health_score",
    "last_seen": "sort_seen",
}
HEALTHS = ("fine", "look", "bad")
_LOOK, _BAD = 100, 60
_NEVER = date(1970, 1, 1)
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody asks the list for. Empty means no condition."""

    words: str = ""
    states: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()
    payments: tuple[str, ...] = ()
    health: str = ""
    storage_over: int | None = None
    created_after: date | None = None
    created_before: date | None = None
    behind: bool = False
    order: str = "-created"


Source = Callable[[str], "Q | None"]


def _by_id(words: str) -> Q | None:
    try:
        return Q(organization_id=UUID(words))
    except ValueError:
        return None


def _by_owner(words: str) -> Q | None:
    # Only a whole address is hashed and asked for: what looks like the beginning of one finds nobody.
    return Q(organization_id__in=addresses.organizations_owned_by(words)) if "@" in words else None


def _by_customer(words: str) -> Q | None:
    if not words.startswith("cus_"):
        return None
    return Q(organization_id__in=billing.organizations_of_customer(words))


def _by_host(words: str) -> Q | None:
    return Q(organization__domains__host__icontains=words) if " " not in words else None


def _by_name(words: str) -> Q | None:
    found = Q()
    for word in words.split():
        found &= Q(organization__name__icontains=word)
    return found


# What a search looks at. Each says None where the words cannot be meant for it.
SOURCES: tuple[Source, ...] = (_by_id, _by_owner, _by_customer, _by_host, _by_name)


def matching(query: Query) -> QuerySet[OrganizationStat]:
    """Return the organizations that ``query`` asks for, in its order, ready for cursor pages and CSV.

    Raises:
        ValidationFailed: there is no such order, health or payment.
    """
    rows = OrganizationStat.objects.select_related("organization").annotate(
        sort_name=Lower("organization__name"),
        sort_created=F("organization__created_at"),
        sort_seen=Coalesce("last_seen_on", Value(_NEVER)),
        main_domain=FilteredRelation(
            "organization__domains", condition=Q(organization__domains__is_primary=True)
        ),  # at most one
        host=Coalesce("main_domain__host", Value(""), output_field=TextField()),
    )
    if query.words:
        asked = [found for source in SOURCES if (found := source(query.words)) is not None]
        condition = Q()
        for found in asked:
            condition |= found
        # A subquery, so that an organization with three matching hosts is one row.
        rows = rows.filter(
            organization_id__in=OrganizationStat.objects.filter(condition).values("organization_id").distinct()
        )
    if query.states:
        rows = rows.filter(organization__state__in=query.states)
    if query.plans:
        rows = rows.filter(plan__in=query.plans)
    if query.payments:
        rows = rows.filter(organization_id__in=_paying(query.payments))
    if query.health:
        rows = rows.filter(_health(query.health))
    if query.storage_over is not None:
        rows = rows.filter(storage_bytes__gt=query.storage_over)
    if query.created_after is not None:
        rows = rows.filter(organization__created_at__date__gte=query.created_after)
    if query.created_before is not None:
        rows = rows.filter(organization__created_at__date__lt=query.created_before)
    if query.behind:
        rows = rows.filter(release__lt=_newest_release())
    return rows


def order_of(query: Query) -> tuple[str, str]:
    """Return the columns of the order; the last one is unique.

    Raises:
        ValidationFailed: there is no such order.
    """
    descending, name = query.order.startswith("-"), query.order.removeprefix("-")
    if name not in ORDERS:
        raise ValidationFailed(errors={"order": f"Order by one of: {', '.join(ORDERS)}."})
    sign = "-" if descending else ""
    return f"{sign}{ORDERS[name]}", f"{sign}organization_id"


def _paying(names: tuple[str, ...]) -> QuerySet[Any]:
    if set(names) - set(billing.finance.PAYMENTS):
        raise ValidationFailed(errors={"payment": f"One of: {', '.join(billing.finance.PAYMENTS)}."})
    return billing.finance.organizations_where(names)


def _health(name: str) -> Q:
    conditions = {
        "fine": Q(health_score__gte=_LOOK),
        "look": Q(health_score__lt=_LOOK, health_score__gt=_BAD),
        "bad": Q(health_score__lte=_BAD),
    }
    if name not in conditions:
        raise ValidationFailed(errors={"health": f"One of: {', '.join(HEALTHS)}."})
    return conditions[name]


def _newest_release() -> int:
    return tenants.current_release() or 0


COLUMNS = (
    "id", "name", "host", "state", "plan", "members", "courses", "enrollments", "film_minutes", "storage_bytes",
    "limit_bytes", "last_seen_on", "created_at", "health", "health_words", "release", "parked", "queue_lag_seconds",
    "as_of",
)  # fmt: skip


@dataclass
class Lines:
    """What ``csv.writer`` writes into; ``taken`` hands on what came since it was last called."""

    lines: list[str] = field(default_factory=list)

    def write(self, line: str) -> None:
        self.lines.append(line)

    def taken(self) -> str:
        text, self.lines = "".join(self.lines), []
        return text


def csv_lines(query: Query) -> Iterator[str]:
    """Yield the whole filtered list as CSV, a chunk at a time."""
    out = Lines()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    yield out.taken()
    for chunk in chunks(matching(query)):
        for row in chunk:
            writer.writerow([plain(value) for value in _values(row)])
        yield out.taken()


def chunks(rows: QuerySet[OrganizationStat]) -> Iterator[list[OrganizationStat]]:
    """Yield all rows, some at a time, by id: no cursor is held while somebody downloads."""
    last: UUID | None = None
    while True:
        following = rows.order_by("organization_id")
        chunk = list((following if last is None else following.filter(organization_id__gt=last))[:_CHUNK])
        if chunk:
            yield chunk
        if len(chunk) < _CHUNK:
            return
        last = chunk[-1].organization_id


def _values(row: OrganizationStat) -> list[Any]:
    organization = row.organization
    return [
        organization.id, organization.name, row.host, organization.state, row.plan, row.members, row.courses,  # type: ignore[attr-defined]
        row.enrollments, row.film_minutes, row.storage_bytes, row.limit_bytes, row.last_seen_on,
        iso(organization.created_at), row.health_score, "; ".join(row.health_words), row.release, row.parked,
        lag_seconds(row), iso(row.as_of) if row.as_of else None,
    ]  # fmt: skip


def plain(value: Any) -> str:
    """Return a value as a cell. What a spreadsheet would run as a formula begins with an apostrophe instead."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def lag_seconds(row: OrganizationStat) -> int:
    """Return for how long the oldest delivery has waited, as far as was known when the row was counted."""
    return events.Backlog(oldest_at=row.queue_oldest_at).lag_seconds if row.queue_oldest_at else 0


def slug_of(host: str) -> str:
    """Return the organization's own part of a host of ours; "" of a custom domain."""
    slug = host.removesuffix(f".{settings.TENANT_SUFFIX}")
    return "" if slug == host else slug


def fresh() -> None:
    """Let organizations that were made since the last count appear."""
    figures.ensure_rows()


def total(query: Query) -> int:
    """Return how many organizations the query finds."""
    return matching(query).count()


def facets() -> dict[str, dict[str, int]]:
    """Return how many organizations there are of each state, plan, health and payment, for the choices of filters."""
    rows = OrganizationStat.objects.values_list("organization__state", "plan", "health_score")
    found: dict[str, dict[str, int]] = {"states": {}, "plans": {}, "health": dict.fromkeys(HEALTHS, 0)}
    found["payments"] = billing.finance.payments_counted()
    for state, plan, score in rows:
        found["states"][state] = found["states"].get(state, 0) + 1
        found["plans"][plan] = found["plans"].get(plan, 0) + 1
        found["health"]["fine" if score >= _LOOK else "bad" if score <= _BAD else "look"] += 1
    return found
