"""Figures about the bound organization's films, for its usage page and its first steps."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db.models import Min, Sum
from django.db.models.functions import TruncMonth

from apps.library.models import Asset
from core.months import month_name

_PLAYS = ("playable", "ready")


def minutes_by_month(since: datetime) -> dict[str, int]:
    """Return the begun minutes of film that were added, by month (``2026-11``)."""
    rows = Asset.objects.kept().filter(created_at__gte=since).annotate(month=TruncMonth("created_at", tzinfo=UTC))
    found = rows.values_list("month").annotate(Sum("duration_ms")).order_by()
    return {month_name(month): -(-int(total or 0) // 60_000) for month, total in found}


def first_playable_at() -> datetime | None:
    """Return when the first film that plays was added."""
    found: datetime | None = Asset.objects.kept().filter(state__in=_PLAYS).aggregate(at=Min("created_at"))["at"]
    return found
