"""Shapes of the books. Amounts are minor units of the currency beside them; shares are hundredths of a percent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers

from billing.api import finance
from core.clock import iso

MONTH = r"^20\d\d-(0[1-9]|1[0-2])$"
KINDS = tuple(finance.Kind.values)


class FinanceQuery(serializers.Serializer):
    """How many months."""

    months = serializers.IntegerField(min_value=1, max_value=36, required=False, default=13)


class MonthOut(serializers.Serializer):
    """A month (UTC): what it opened with, what moved it, what it closed at. What lessens is negative."""

    month = serializers.RegexField(MONTH)
    opening_minor = serializers.IntegerField()
    new_minor = serializers.IntegerField()
    expansion_minor = serializers.IntegerField()
    contraction_minor = serializers.IntegerField()
    churn_minor = serializers.IntegerField()
    reactivation_minor = serializers.IntegerField()
    closing_minor = serializers.IntegerField()
    customers_opening = serializers.IntegerField()
    customers_came = serializers.IntegerField()
    customers_left = serializers.IntegerField()
    customers_churned = serializers.IntegerField()
    customers_closing = serializers.IntegerField()
    revenue_churn = serializers.IntegerField(allow_null=True)
    logo_churn = serializers.IntegerField(allow_null=True)
    retention = serializers.IntegerField(allow_null=True)
    overage_minor = serializers.IntegerField()
    paid_minor = serializers.IntegerField()
    refunded_minor = serializers.IntegerField()


class RevenueOut(serializers.Serializer):
    """One currency; months are oldest first, the last one is the present one."""

    currency = serializers.CharField()
    mrr_minor = serializers.IntegerField()
    customers = serializers.IntegerField()
    months = MonthOut(many=True)


class CohortOut(serializers.Serializer):
    """Organizations whose trial began in a month; each is converted, still trying, given a plan, or lapsed."""

    month = serializers.RegexField(MONTH)
    started = serializers.IntegerField()
    converted = serializers.IntegerField()
    still_trying = serializers.IntegerField()
    given = serializers.IntegerField()
    lapsed = serializers.IntegerField()
    conversion = serializers.IntegerField(allow_null=True)
    median_days = serializers.IntegerField(allow_null=True)


class UnpaidOut(serializers.Serializer):
    """What is open in one currency, and what was given up."""

    currency = serializers.CharField()
    invoices = serializers.IntegerField()
    minor = serializers.IntegerField()
    written_off_minor = serializers.IntegerField()


class OwedOut(serializers.Serializer):
    """What one organization owes. ``state`` is its subscription's."""

    organization_id = serializers.UUIDField()
    organization_name = serializers.CharField(allow_blank=True)
    currency = serializers.CharField()
    invoices = serializers.IntegerField()
    minor = serializers.IntegerField()
    oldest_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    state = serializers.CharField(allow_blank=True)
    past_due_since_at = serializers.DateTimeField(allow_null=True)
    url = serializers.CharField(allow_blank=True)


class ReconciliationLine(serializers.Serializer):
    """A comparison. ``with_stripe`` says whether Stripe's own objects were among it; ``note`` why not."""

    id = serializers.UUIDField()
    at = serializers.DateTimeField()
    state = serializers.ChoiceField(choices=finance.Reconciliation.State.values)
    with_stripe = serializers.BooleanField()
    note = serializers.CharField(allow_blank=True)
    duration_ms = serializers.IntegerField()
    differences = serializers.IntegerField()


class ReconciliationList(serializers.Serializer):
    """The newest thirty."""

    items = ReconciliationLine(many=True)


class MrrTotal(serializers.Serializer):
    """MRR of a currency by each source; null where Stripe was not asked."""

    currency = serializers.CharField()
    ledger = serializers.IntegerField()
    rows = serializers.IntegerField()
    stripe = serializers.IntegerField(allow_null=True)


class PaidTotal(serializers.Serializer):
    """What invoices of a month say was paid, by each source."""

    month = serializers.CharField()
    currency = serializers.CharField()
    rows = serializers.IntegerField()
    stripe = serializers.IntegerField(allow_null=True)


class DifferenceOut(serializers.Serializer):
    """One thing that does not agree, and what to do. Null where a side does not know of it."""

    kind = serializers.CharField()
    organization_id = serializers.UUIDField(allow_null=True)
    organization_name = serializers.CharField(allow_blank=True)
    reference = serializers.CharField(allow_blank=True)
    currency = serializers.CharField()
    ledger_minor = serializers.IntegerField(allow_null=True)
    rows_minor = serializers.IntegerField(allow_null=True)
    stripe_minor = serializers.IntegerField(allow_null=True)
    words = serializers.CharField()
    todo = serializers.CharField()


class ReconciliationOut(ReconciliationLine):
    """A comparison with its sums and differences."""

    mrr = MrrTotal(many=True)
    paid = PaidTotal(many=True)
    items = DifferenceOut(many=True)


class FinanceOut(serializers.Serializer):
    """The finance page."""

    currencies = RevenueOut(many=True)
    cohorts = CohortOut(many=True)
    unpaid = UnpaidOut(many=True)
    owed = OwedOut(many=True)
    reconciliation = ReconciliationLine(allow_null=True)


class MovementQuery(serializers.Serializer):
    """Which movements."""

    month = serializers.RegexField(MONTH, required=False, default="", allow_blank=True)
    currency = serializers.RegexField(r"^[a-z]{3}$", required=False, default="", allow_blank=True)
    kind = serializers.ChoiceField(choices=["", *KINDS], required=False, default="")


class MovementOut(serializers.Serializer):
    """One fact of the ledger."""

    id = serializers.UUIDField()
    at = serializers.DateTimeField()
    organization_id = serializers.UUIDField()
    organization_name = serializers.CharField(allow_blank=True)
    kind = serializers.ChoiceField(choices=KINDS)
    currency = serializers.CharField()
    before_minor = serializers.IntegerField()
    after_minor = serializers.IntegerField()
    plan = serializers.CharField()
    version = serializers.IntegerField()
    interval = serializers.CharField()
    seats = serializers.IntegerField()
    source = serializers.CharField(allow_blank=True)  # type: ignore[assignment]  # a field of ours, not the field's


class MovementPage(serializers.Serializer):
    """Movements, newest first."""

    items = MovementOut(many=True)
    next = serializers.CharField(allow_null=True)


def month_out(month: finance.Month) -> dict[str, Any]:
    """Return a month as :class:`MonthOut`."""
    return {
        "month": month.month.strftime("%Y-%m"),
        "opening_minor": month.opening_minor,
        **{f"{kind}_minor": minor for kind, minor in month.moved_minor.items()},
        **{
            name: getattr(month, name)
            for name in (
                "closing_minor", "customers_opening", "customers_came", "customers_left", "customers_churned",
                "customers_closing", "revenue_churn", "logo_churn", "retention", "overage_minor", "paid_minor",
                "refunded_minor",
            )
        },
    }  # fmt: skip


def finance_out(
    revenue: Iterable[finance.Revenue],
    cohorts: Iterable[finance.Cohort],
    unpaid: Iterable[finance.Unpaid],
    owed: Iterable[tuple[finance.Owed, str]],
    last: finance.Reconciliation | None,
) -> dict[str, Any]:
    """Return the page as :class:`FinanceOut`; ``owed`` are lines with their organization's name."""
    return {
        "currencies": [
            {
                "currency": found.currency,
                "mrr_minor": found.mrr_minor,
                "customers": found.customers,
                "months": [month_out(month) for month in found.months],
            }
            for found in revenue
        ],
        "cohorts": [
            {
                "month": line.month.strftime("%Y-%m"),
                "started": line.started,
                "converted": line.converted,
                "still_trying": line.still_trying,
                "given": line.given,
                "lapsed": line.lapsed,
                "conversion": line.conversion,
                "median_days": line.median_days,
            }
            for line in cohorts
        ],
        "unpaid": [
            {
                "currency": line.currency,
                "invoices": line.invoices,
                "minor": line.minor,
                "written_off_minor": line.written_off_minor,
            }
            for line in unpaid
        ],
        "owed": [owed_out(line, name) for line, name in owed],
        "reconciliation": reconciliation_line(last) if last else None,
    }


def owed_out(line: finance.Owed, name: str) -> dict[str, Any]:
    """Return what an organization owes as :class:`OwedOut`."""
    return {
        "organization_id": str(line.organization_id),
        "organization_name": name,
        "currency": line.currency,
        "invoices": line.invoices,
        "minor": line.minor,
        "oldest_at": iso(line.oldest_at),
        "due_at": iso(line.due_at) if line.due_at else None,
        "state": line.state,
        "past_due_since_at": iso(line.past_due_since_at) if line.past_due_since_at else None,
        "url": line.url,
    }


def movements_out(rows: Iterable[finance.MrrMovement], names: dict[str, str]) -> list[dict[str, Any]]:
    """Return facts as :class:`MovementOut`."""
    return [
        {
            "id": str(row.id),
            "at": iso(row.at),
            "organization_id": str(row.organization_id),
            "organization_name": names.get(str(row.organization_id), ""),
            "kind": row.kind,
            "currency": row.currency,
            "before_minor": row.before_minor,
            "after_minor": row.after_minor,
            "plan": row.plan,
            "version": row.version,
            "interval": row.interval,
            "seats": row.seats,
            "source": row.source,
        }
        for row in rows
    ]


def reconciliation_line(row: finance.Reconciliation) -> dict[str, Any]:
    """Return a comparison as :class:`ReconciliationLine`."""
    return {
        "id": str(row.id),
        "at": iso(row.at),
        "state": row.state,
        "with_stripe": row.with_stripe,
        "note": row.note,
        "duration_ms": row.duration_ms,
        "differences": len(row.differences),
    }


def reconciliation_out(row: finance.Reconciliation, names: dict[str, str]) -> dict[str, Any]:
    """Return a comparison as :class:`ReconciliationOut`."""
    return {
        **reconciliation_line(row),
        "mrr": row.totals.get("mrr", []),
        "paid": row.totals.get("paid", []),
        "items": [{**one, "organization_name": names.get(one["organization_id"] or "", "")} for one in row.differences],
    }
