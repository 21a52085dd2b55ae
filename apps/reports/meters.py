"""The meters of an organization, each a callable that ``settings.USAGE_METERS`` names. They run bound to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.conf import settings

from apps.accounts import api as accounts
from apps.courses import api as courses
from apps.enrollments import api as enrollments
from apps.library import api as library
from apps.reports.selectors import month_by_course
from billing import api as billing
from core.usage import Meter


def storage() -> Meter:
    """Bytes of sources and encodes."""
    found = billing.usage(billing.STORAGE_BYTES)
    return Meter(
        "storage",
        "bytes",
        found.used,
        found.reserved,
        found.limit,
        "At the limit everything plays on. New uploads wait until something is deleted or you have more.",
    )


def members() -> Meter:
    """Seats: everybody who may sign in."""
    return Meter(
        "members", "count", accounts.head_count().members, words="People who may sign in. Suspended ones don't count."
    )


def seen_lately() -> Meter:
    """Who was really here."""
    return Meter("seen_lately", "count", accounts.seen_lately(), words="Members who opened a page in the last 30 days.")


def course_count() -> Meter:
    """Courses that are not in the bin."""
    return Meter("courses", "count", courses.count_courses(), words="Drafts and published ones.")


def enrollment_count() -> Meter:
    """Open enrollments."""
    return Meter("enrollments", "count", enrollments.count_open(), words="People on courses now.")


def film_minutes() -> Meter:
    """How long all films run."""
    return Meter("film_minutes", "minutes", library.film_minutes(), words="How long all your videos run together.")


def delivered() -> Meter:
    """Bytes sent to viewers this month, as the logs of whoever sends them say."""
    if not settings.DELIVERY_LOGS:
        return Meter("delivered", "bytes", None, words="Not measured here. Nothing is limited or charged by it.")
    found = billing.usage(billing.DELIVERED_BYTES)
    return Meter(
        "delivered",
        "bytes",
        found.used,
        found.reserved,
        found.limit,
        "What players and browsers loaded of your videos this month. Whoever is watching is never cut off.",
    )


def by_course(delivered: Mapping[UUID | None, int], encoded: Mapping[UUID, int]) -> list[dict[str, Any]]:
    """What a month's usage was for: see :func:`apps.reports.selectors.month_by_course`."""
    return month_by_course(delivered, encoded)
