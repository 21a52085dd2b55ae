"""What the usage page says of one month: meters, what was told and charged, and amounts by course and month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings

from billing.clock import now_of
from billing.entitlements.applying import subscription_of
from billing.features import DELIVERED_BYTES, DOMAINS, FEATURES, METERS, SEATS, STORAGE_BYTES, TRANSCODE_SECONDS
from billing.models import BillingAccount, Quota, Subscription, UsageAlert, UsageDay, UsageEvent
from billing.usage.alerts import GAUGES_PERIOD
from billing.usage.forecast import LOOKED_BACK, forecast
from billing.usage.prices import overage_minor, overage_price
from core.clock import iso
from core.months import last_months, month_name

MONTHS = 12
_ORDER = (DELIVERED_BYTES, TRANSCODE_SECONDS, STORAGE_BYTES, SEATS, DOMAINS)


@dataclass(frozen=True, slots=True)
class Figures:
    """The page without courses' names: ``delivered`` by course, ``encoded`` by the upload whose film it was."""

    body: dict[str, Any]
    delivered: Mapping[UUID | None, int]
    encoded: Mapping[UUID, int]


@dataclass(frozen=True, slots=True)
class _Month:
    """One month of one organization, as far as it is."""

    first: date
    at: datetime
    is_current: bool
    days: Mapping[str, Mapping[date, int]]
    overage: Mapping[str, int]
    delivered: Mapping[UUID | None, int]

    @property
    def following(self) -> date:
        return date(self.first.year + self.first.month // 12, self.first.month % 12 + 1, 1)

    def used(self, meter: str) -> int:
        return sum(amount for on, amount in self.days.get(meter, {}).items() if self.first <= on < self.following)


def figures(organization_id: UUID, month: date | None, *, with_money: bool) -> Figures:
    """Return what an organization used in ``month`` (its first day; None: the one that runs). Platform only.

    Of a month that is over only what began anew with it is shown. Money is left out where it is none of the reader's.
    """
    account = BillingAccount.objects.filter(organization_id=organization_id).first() or BillingAccount()
    at = now_of(account)
    current = at.date().replace(day=1)
    first = month or current
    since = min(first, last_months(MONTHS, until=at)[0].date(), current - timedelta(days=LOOKED_BACK))
    days, overage, delivered = _days(organization_id, since, first)
    shown = _Month(first, at, first == current, days, overage, delivered)
    subscription = subscription_of(organization_id)
    quotas = {row.meter: row for row in Quota.objects.filter(organization_id=organization_id)}
    told = _told(organization_id, first)
    body = {
        "period": {"start": iso(_moment(first)), "end": iso(_moment(shown.following))},
        "is_measured": bool(settings.DELIVERY_LOGS),
        "meters": [
            _meter(meter, quotas[meter], shown, subscription, told.get(meter, []), with_money=with_money)
            for meter in _ORDER
            if meter in quotas and (shown.is_current or meter in METERS)
        ],
        "months": _months(days, at),
    }
    return Figures(body, delivered, _encoded(organization_id, shown))


def _meter(
    meter: str,
    quota: Quota,
    month: _Month,
    subscription: Subscription | None,
    told: list[dict[str, Any]],
    *,
    with_money: bool,
) -> dict[str, Any]:
    feature = FEATURES[meter]
    is_flow = meter in METERS
    # Of bytes what the days say, which the lines by course were read with: bytes are being counted all the time.
    used = quota.used if month.is_current and meter != DELIVERED_BYTES else month.used(meter)
    included = quota.plan_limit if month.is_current else None
    found = {
        "meter": meter,
        "name": feature.name,
        "unit": feature.unit,
        "kind": feature.kind,
        "used": used,
        "reserved": quota.reserved if month.is_current and meter != SEATS else 0,
        "included": included,
        "percent": used * 100 // included if included else None,
        "alerts": told,
        **dict.fromkeys(("mode", "overage_amount", "overage_minor", "overage_price", "currency")),
        **dict.fromkeys(("forecast", "forecast_by", "forecast_minor")),
    }
    if not is_flow:
        return found
    beyond = month.overage.get(meter, 0)
    found |= {"mode": "overage" if quota.overage else "cap", "overage_amount": beyond}
    price = overage_price(subscription, meter) if subscription and with_money else None
    if price is not None and subscription is not None:
        found |= {
            "overage_minor": overage_minor(price, meter, beyond),
            "overage_price": f"{price / 100:f}",
            "currency": subscription.currency,
        }
    if month.is_current:
        expected = forecast(used, month.days.get(meter, {}), month.at)
        found |= {"forecast": expected.amount, "forecast_by": expected.by}
        if price is not None:
            more = max(0, expected.amount - max(used, included)) if quota.overage and included is not None else 0
            found["forecast_minor"] = overage_minor(price, meter, beyond + more)
    return found


def _days(
    organization_id: UUID, since: date, first: date
) -> tuple[dict[str, dict[date, int]], dict[str, int], dict[UUID | None, int]]:
    """Return amounts by meter and day, and of the month its overage and its bytes by course: all as of one moment."""
    rows = UsageDay.objects.filter(organization_id=organization_id, on__gte=since)
    days: dict[str, dict[date, int]] = {}
    overage: dict[str, int] = {}
    delivered: dict[UUID | None, int] = {}
    for meter, on, course_id, amount, beyond in rows.values_list("meter", "on", "course_id", "amount", "overage"):
        of_meter = days.setdefault(meter, {})
        of_meter[on] = of_meter.get(on, 0) + amount
        if (on.year, on.month) == (first.year, first.month):
            overage[meter] = overage.get(meter, 0) + beyond
            if meter == DELIVERED_BYTES:
                delivered[course_id] = delivered.get(course_id, 0) + amount
    return days, overage, delivered


def _months(days: Mapping[str, Mapping[date, int]], at: datetime) -> list[dict[str, Any]]:
    sums: dict[tuple[str, str], int] = {}
    for meter, amounts in days.items():
        for on, amount in amounts.items():
            key = (f"{on:%Y-%m}", meter)
            sums[key] = sums.get(key, 0) + amount
    return [
        {"month": name, **{meter: sums.get((name, meter), 0) for meter in METERS}}
        for name in map(month_name, last_months(MONTHS, until=at))
    ]


def _told(organization_id: UUID, first: date) -> dict[str, list[dict[str, Any]]]:
    rows = UsageAlert.objects.filter(organization_id=organization_id, period__in=(first, GAUGES_PERIOD))
    told: dict[str, list[dict[str, Any]]] = {}
    for row in rows.filter(told_at__isnull=False).order_by("percent"):
        if row.told_at is not None:
            told.setdefault(row.meter, []).append({"percent": row.percent, "told_at": iso(row.told_at)})
    return told


def _encoded(organization_id: UUID, month: _Month) -> dict[UUID, int]:
    rows = UsageEvent.objects.filter(organization_id=organization_id, meter=TRANSCODE_SECONDS)
    return dict(rows.filter(counted_on__gte=month.first, counted_on__lt=month.following).values_list("id", "amount"))


def _moment(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
