"""Figures about the bound organization's courses, for its usage page and its first steps."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from django.db.models import Count, Min
from django.db.models.functions import TruncMonth

from apps.courses.models import ContentAsset, Course, CourseVersion, DraftNode, VersionItem
from core.months import month_name


def titles() -> dict[UUID, str]:
    """Return the titles of the courses that are not in the bin."""
    return dict(Course.objects.kept().values_list("id", "title"))


def courses_by_asset() -> dict[UUID, set[UUID]]:
    """Return which courses show each asset, in their draft or in any version."""
    contents: dict[str, set[UUID]] = {}
    for asset_content, asset_id in ContentAsset.objects.values_list("content_id", "asset_id"):
        contents.setdefault(asset_content, set()).add(asset_id)
    drafts = DraftNode.objects.filter(content_id__in=contents, deleted_at__isnull=True)
    published = VersionItem.objects.filter(content_id__in=contents)
    found: dict[UUID, set[UUID]] = {}
    for content_id, course_id in [
        *drafts.values_list("content_id", "course_id"),
        *published.values_list("content_id", "version__course_id").distinct(),
    ]:
        for asset_id in contents[content_id]:
            found.setdefault(asset_id, set()).add(course_id)
    return found


def published_by_month(since: datetime) -> dict[str, int]:
    """Return how many versions were published, by month (``2026-11``)."""
    rows = CourseVersion.objects.filter(published_at__gte=since)
    rows = rows.annotate(month=TruncMonth("published_at", tzinfo=UTC))
    return {month_name(month): count for month, count in rows.values_list("month").annotate(Count("id")).order_by()}


def first_published_at() -> datetime | None:
    """Return when a course was first published."""
    found: datetime | None = CourseVersion.objects.aggregate(at=Min("published_at"))["at"]
    return found
