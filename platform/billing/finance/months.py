"""Monthly recurring revenue by currency and month: what it opened with, what moved it, what it closed at.

Amounts of different currencies are never added up. Every figure is a sum of the ledger's facts, so opening and
movements make the closing to the minor unit, and the next month opens with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from django.db.models import Count, F, Max, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from billing.ledger import Kind
from billing.models import Invoice, MrrMovement
from core.clock import now

LONGEST = 36
_MONTHS_A_YEAR = 12
_WHOLE = 10_000
# Invoices that were never asked for, or are not any more.
_NOT_ASKED = ("draft", "void")


@dataclass(slots=True)
class Month:
    """One month (UTC) in one currency, in minor units. What lessens is negative."""

    month: date
    opening_minor: int = 0
    moved_minor: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Kind.values, 0))
    customers_opening: int = 0
    # In this currency: who came to it and who left it, whatever the reason.
    customers_came: int = 0
    customers_left: int = 0
    # Of those who left: who left the platform's paid plans.
    customers_churned: int = 0
    # Invoices of the month: what was charged for use beyond the plan, and what was paid and paid back in it.
    overage_minor: int = 0
    paid_minor: int = 0
    refunded_minor: int = 0

    @property
    def closing_minor(self) -> int:
        return self.opening_minor + sum(self.moved_minor.values())

    @property
    def customers_closing(self) -> int:
        return self.customers_opening + self.customers_came - self.customers_left

    @property
    def revenue_churn(self) -> int | None:
        """Hundredths of a percent of the opening that went with customers who left, or None where it was nothing."""
        return _share(-self.moved_minor[Kind.CHURN], self.opening_minor)

    @property
    def logo_churn(self) -> int | None:
        """Hundredths of a percent of the customers at the opening who left, or None where there were none."""
        return _share(self.customers_churned, self.customers_opening)

    @property
    def retention(self) -> int | None:
        """Hundredths of a percent of the opening that was there at the end, growth of the same customers included."""
        kept = self.opening_minor + sum(
            self.moved_minor[kind] for kind in (Kind.EXPANSION, Kind.CONTRACTION, Kind.CHURN)
        )
        return _share(kept, self.opening_minor)


@dataclass(frozen=True, slots=True)
class Revenue:
    """One currency: its months, oldest first. The last one is the present one."""

    currency: str
    months: list[Month]

    @property
    def mrr_minor(self) -> int:
        return self.months[-1].closing_minor

    @property
    def customers(self) -> int:
        return self.months[-1].customers_closing


def revenue(*, months: int = 13) -> list[Revenue]:
    """Return the last ``months`` months of every currency that anything was ever booked in, by currency.

    The present month is that of the newest fact or invoice, or of today, whichever is latest: a sandbox's clock may be
    ahead.
    """
    last = _present()
    first = months_before(last, min(months, LONGEST) - 1)
    currencies = sorted(
        {
            *MrrMovement.objects.values_list("currency", flat=True).distinct(),
            *Invoice.objects.values_list("currency", flat=True).distinct(),
        }
    )
    return [Revenue(currency, _months_of(currency, first, last)) for currency in currencies]


def months_before(month: date, n: int) -> date:
    """Return the first day of the month ``n`` months before ``month``."""
    index = month.year * _MONTHS_A_YEAR + month.month - 1 - n
    return date(index // _MONTHS_A_YEAR, index % _MONTHS_A_YEAR + 1, 1)


def begin(month: date) -> datetime:
    """Return the moment at which a month begins."""
    return datetime(month.year, month.month, 1, tzinfo=UTC)


def movements_in(
    *, month: date | None = None, currency: str | None = None, kind: str | None = None
) -> QuerySet[MrrMovement]:
    """Return the facts behind the figures, as a query that pages can be cut from."""
    found = MrrMovement.objects.all()
    if month is not None:
        found = found.filter(at__gte=begin(month), at__lt=begin(months_before(month, -1)))
    if currency:
        found = found.filter(currency=currency)
    return found.filter(kind=kind) if kind else found


def _present() -> date:
    newest = MrrMovement.objects.aggregate(at=Max("at"))["at"]
    # Renewing moves nothing in the ledger, and where a clock is ahead it is an invoice that says which month it is.
    invoiced = Invoice.objects.aggregate(at=Max("issued_at"))["at"]
    latest = max(found for found in (now(), newest, invoiced) if found)
    return latest.astimezone(UTC).date().replace(day=1)


def _months_of(currency: str, first: date, last: date) -> list[Month]:
    facts = MrrMovement.objects.filter(currency=currency)
    before = facts.filter(at__lt=begin(first)).aggregate(minor=_difference(), came=_came(), left=_left())
    moved = {
        (row["month"].date(), row["kind"]): row
        for row in facts.filter(at__gte=begin(first))
        .values("kind", month=TruncMonth("at", tzinfo=UTC))
        .annotate(minor=_difference(), came=_came(), left=_left())
        .order_by()
    }
    billed = _invoiced(currency, first)
    opening, customers = before["minor"] or 0, (before["came"] or 0) - (before["left"] or 0)
    found: list[Month] = []
    for n in range(_distance(first, last), -1, -1):
        line = Month(months_before(last, n), opening_minor=opening, customers_opening=customers)
        for kind in Kind.values:
            row = moved.get((line.month, kind))
            if row is not None:
                line.moved_minor[kind] = row["minor"]
                line.customers_came += row["came"]
                line.customers_left += row["left"]
                line.customers_churned += row["left"] if kind == Kind.CHURN else 0
        for name, by_month in billed.items():
            setattr(line, name, by_month.get(line.month, 0))
        opening, customers = line.closing_minor, line.customers_closing
        found.append(line)
    return found


def _invoiced(currency: str, first: date) -> dict[str, dict[date, int]]:
    invoices = Invoice.objects.filter(currency=currency)
    asked = invoices.exclude(status__in=_NOT_ASKED)
    return {
        "overage_minor": _by_month(asked, "issued_at", "overage_minor", first),
        "paid_minor": _by_month(invoices, "paid_at", "paid_minor", first),
        "refunded_minor": _by_month(invoices, "paid_at", "refunded_minor", first),
    }


def _by_month(invoices: QuerySet[Invoice], moment: str, amount: str, first: date) -> dict[date, int]:
    rows = (
        invoices.filter(**{f"{moment}__gte": begin(first)})
        .values(month=TruncMonth(moment, tzinfo=UTC))
        .annotate(minor=Sum(amount))
        .order_by()
    )
    return {row["month"].date(): row["minor"] for row in rows}


def _difference() -> Sum:
    return Sum(F("after_minor") - F("before_minor"))


def _came() -> Count:
    return Count("id", filter=Q(before_minor=0))


def _left() -> Count:
    return Count("id", filter=Q(after_minor=0))


def _distance(first: date, last: date) -> int:
    return (last.year - first.year) * _MONTHS_A_YEAR + last.month - first.month


def _share(part: int, whole: int) -> int | None:
    return None if whole == 0 else round(part * _WHOLE / whole)
