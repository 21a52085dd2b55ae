"""What other apps may use of enrollments."""

from __future__ import annotations

from apps.enrollments.selectors import (
    count_open,
    enrollment,
    ids_after,
    ids_of_member,
    open_of,
    own,
    record,
    roster,
    versions_been_on,
)
from apps.enrollments.services import (
    enroll_member,
    enroll_self,
    mark_completed,
    mark_started,
    place,
    withdraw,
)
from apps.enrollments.usage import (
    completed_by_month,
    created_by_month,
    first_enrolled_at,
    first_started_at,
    open_by_course,
)

__all__ = [
    "completed_by_month",
    "count_open",
    "created_by_month",
    "enroll_member",
    "enroll_self",
    "enrollment",
    "first_enrolled_at",
    "first_started_at",
    "ids_after",
    "ids_of_member",
    "mark_completed",
    "mark_started",
    "open_by_course",
    "open_of",
    "own",
    "place",
    "record",
    "roster",
    "versions_been_on",
    "withdraw",
]
