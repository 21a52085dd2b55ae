"""The books as the finance page shows and exports them, and the comparison that anybody of finance may ask for."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.db import transaction

from billing.api import finance
from core.clock import iso
from staff import audit
from staff.console.directory import Lines, plain
from tenants import api as tenants

MONTH_COLUMNS = (
    "month", "currency", "opening_minor", *(f"{kind}_minor" for kind in finance.Kind.values), "closing_minor",
    "customers_opening", "customers_came", "customers_left", "customers_churned", "customers_closing",
    "revenue_churn_percent", "logo_churn_percent", "net_retention_percent", "overage_minor", "paid_minor",
    "refunded_minor",
)  # fmt: skip
MOVEMENT_COLUMNS = (
    "at", "organization_id", "organization", "kind", "currency", "before_minor", "after_minor", "plan", "version",
    "interval", "seats", "subscription", "written_at", "id",
)  # fmt: skip
DIFFERENCE_COLUMNS = (
    "kind", "organization_id", "organization", "reference", "currency", "ledger_minor", "rows_minor", "stripe_minor",
    "words", "todo",
)  # fmt: skip
_CHUNK = 500


def names_of(ids: Iterable[UUID | str | None]) -> dict[str, str]:
    """Return the names of the organizations among ``ids``, by id as text."""
    found = tenants.organization_names(UUID(str(one)) for one in ids if one)
    return {str(organization_id): name for organization_id, name in found.items()}


@transaction.atomic
def ask_comparison(*, by: UUID) -> finance.Reconciliation:
    """Ask for a comparison of the books; a worker makes it within seconds."""
    asked = finance.ask_reconciliation(asked_by=by)
    audit.record("books.comparison_asked", object_type="reconciliation", object_id=asked.id)
    return asked


def month_lines(revenue: Iterable[finance.Revenue]) -> Iterator[str]:
    """Yield every month of every currency as CSV."""
    rows = ((found.currency, month) for found in revenue for month in found.months)
    return _csv(MONTH_COLUMNS, ([_month_values(*row) for row in rows],))


def movement_lines(rows: Any) -> Iterator[str]:
    """Yield the movements of a query as CSV, oldest first, some at a time."""
    return _csv(MOVEMENT_COLUMNS, _movement_chunks(rows))


def difference_lines(found: finance.Reconciliation) -> Iterator[str]:
    """Yield what a comparison found as CSV."""
    names = names_of(one["organization_id"] for one in found.differences)
    lines = [{**one, "organization": names.get(one["organization_id"] or "", "")} for one in found.differences]
    return _csv(DIFFERENCE_COLUMNS, ([[line[column] for column in DIFFERENCE_COLUMNS] for line in lines],))


def _csv(columns: Iterable[str], chunks: Iterable[list[list[Any]]]) -> Iterator[str]:
    out = Lines()
    writer = csv.writer(out)
    writer.writerow(columns)
    yield out.taken()
    for chunk in chunks:
        for values in chunk:
            writer.writerow([plain(value) for value in values])
        yield out.taken()


def _month_values(currency: str, month: finance.Month) -> list[Any]:
    return [
        month.month.strftime("%Y-%m"), currency, month.opening_minor, *month.moved_minor.values(),
        month.closing_minor, month.customers_opening, month.customers_came, month.customers_left,
        month.customers_churned, month.customers_closing, _percent(month.revenue_churn), _percent(month.logo_churn),
        _percent(month.retention), month.overage_minor, month.paid_minor, month.refunded_minor,
    ]  # fmt: skip


def _movement_chunks(rows: Any) -> Iterator[list[list[Any]]]:
    last: UUID | None = None
    while True:
        following = rows.order_by("id") if last is None else rows.filter(id__gt=last).order_by("id")
        chunk = list(following[:_CHUNK])
        names = names_of(row.organization_id for row in chunk)
        yield [_movement_values(row, names) for row in chunk]
        if len(chunk) < _CHUNK:
            return
        last = chunk[-1].id


def _movement_values(row: finance.MrrMovement, names: dict[str, str]) -> list[Any]:
    organization = str(row.organization_id)
    return [
        iso(row.at), organization, names.get(organization, ""), row.kind, row.currency, row.before_minor,
        row.after_minor, row.plan, row.version, row.interval, row.seats, row.source, iso(row.written_at), row.id,
    ]  # fmt: skip


def _percent(hundredths: int | None) -> str:
    """Return hundredths of a percent as a decimal, exactly; empty where there is no share."""
    if hundredths is None:
        return ""
    sign, whole = ("-" if hundredths < 0 else ""), abs(hundredths)
    return f"{sign}{whole // 100}.{whole % 100:02}"
