"""Figures about the bound organization's people, for its usage page and its first steps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db.models import Count, Min
from django.db.models.functions import TruncMonth

from apps.accounts.models import Invitation, Member
from core.clock import now
from core.months import month_name

ACTIVE_WITHIN = timedelta(days=30)


def seen_lately() -> int:
    """Return how many active members were here in the last thirty days."""
    return Member.objects.active().filter(last_seen_on__gte=(now() - ACTIVE_WITHIN).date()).count()


def joined_by_month(since: datetime) -> dict[str, int]:
    """Return how many people joined, by month (``2026-11``)."""
    rows = Member.objects.filter(created_at__gte=since).annotate(month=TruncMonth("created_at", tzinfo=UTC))
    return {month_name(month): count for month, count in rows.values_list("month").annotate(Count("id")).order_by()}


def first_invited_at() -> datetime | None:
    """Return when somebody was first invited."""
    found: datetime | None = Invitation.objects.aggregate(at=Min("created_at"))["at"]
    return found
