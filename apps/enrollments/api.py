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

__all__ = [
    "count_open",
    "enroll_member",
    "enroll_self",
    "enrollment",
    "ids_after",
    "ids_of_member",
    "mark_completed",
    "mark_started",
    "open_of",
    "own",
    "place",
    "record",
    "roster",
    "versions_been_on",
    "withdraw",
]
