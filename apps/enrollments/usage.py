"""Figures about the bound organization's enrollments, for its usage page and its first steps."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Count, Min
from django.db.models.functions import TruncMonth

from apps.enrollments.models import OPEN_STATES, Enrollment
from core.months import month_name


def open_by_course() -> dict[UUID, int]:
    """Return how many enrollments are open, by course."""
    rows = Enrollment.objects.filter(state__in=OPEN_STATES)
    return dict(rows.values_list("course_id").annotate(Count("id")).order_by())


def created_by_month(since: datetime) -> dict[str, int]:
    """Return how many people enrolled, by month (``2026-11``)."""
    return _by_month("created_at", since)


def completed_by_month(since: datetime) -> dict[str, int]:
    """Return how many runs were completed, by month (``2026-11``)."""
    return _by_month("completed_at", since)


def first_enrolled_at() -> datetime | None:
    """Return when somebody first enrolled."""
    found: datetime | None = Enrollment.objects.aggregate(at=Min("created_at"))["at"]
    return found


def first_started_at() -> datetime | None:
    """Return when somebody on a course first did something."""
    found: datetime | None = Enrollment.objects.aggregate(at=Min("started_at"))["at"]
    return found


def _by_month(column: str, since: datetime) -> dict[str, int]:
    rows = Enrollment.objects.filter(**{f"{column}__gte": since}).annotate(month=TruncMonth(column, tzinfo=UTC))
    return {month_name(month): count for month, count in rows.values_list("month").annotate(Count("id")).order_by()}
