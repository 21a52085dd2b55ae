"""Reads of enrollments."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from apps.enrollments.dto import EnrollmentRecord
from apps.enrollments.errors import EnrollmentNotFound
from apps.enrollments.models import OPEN_STATES, Enrollment, Placement


def record(row: Enrollment) -> EnrollmentRecord:
    """Return an enrollment as other apps see it."""
    return EnrollmentRecord(
        id=row.id,
        member_id=row.member_id,
        course_id=row.course_id,
        version_id=row.version_id,
        state=row.state,
        source=row.source,
        created_at=row.created_at,
        started_at=row.started_at,
        completed_at=row.completed_at,
    )


def enrollment(enrollment_id: UUID) -> EnrollmentRecord:
    """Return one enrollment.

    Raises:
        EnrollmentNotFound: there is none.
    """
    row = Enrollment.objects.filter(id=enrollment_id).first()
    if row is None:
        raise EnrollmentNotFound
    return record(row)


def own(enrollment_id: UUID, member_id: UUID) -> EnrollmentRecord:
    """Return an enrollment of this member.

    Raises:
        EnrollmentNotFound: there is none, or it is another member's.
    """
    row = Enrollment.objects.filter(id=enrollment_id, member_id=member_id).first()
    if row is None:
        raise EnrollmentNotFound
    return record(row)


def open_of(member_id: UUID, course_ids: Iterable[UUID]) -> dict[UUID, EnrollmentRecord]:
    """Return the open enrollment of a member on each of these courses."""
    rows = Enrollment.objects.filter(member_id=member_id, course_id__in=set(course_ids), state__in=OPEN_STATES)
    return {row.course_id: record(row) for row in rows}


def versions_been_on(enrollment_id: UUID) -> list[UUID]:
    """Return every version the enrollment has been on, in order, the current one last."""
    return list(
        Placement.objects.filter(enrollment_id=enrollment_id).order_by("number").values_list("version_id", flat=True)
    )


def ids_after(last: UUID | None, *, limit: int) -> list[UUID]:
    """Return up to ``limit`` enrollment ids that follow ``last``, in order: for work over all of them in steps."""
    rows = Enrollment.objects.order_by("id").values_list("id", flat=True)
    return list((rows.filter(id__gt=last) if last else rows)[:limit])


def ids_of_member(member_id: UUID) -> list[UUID]:
    """Return every enrollment of a member, newest first; the ones that were withdrawn left out."""
    rows = Enrollment.objects.filter(member_id=member_id).exclude(state=Enrollment.State.WITHDRAWN)
    return list(rows.order_by("-created_at", "-id").values_list("id", flat=True))


def roster(course_id: UUID) -> QuerySet[Enrollment]:
    """Return everybody who is or was on a course."""
    return Enrollment.objects.filter(course_id=course_id)


def count_open() -> int:
    """Return how many enrollments of the bound organization are open."""
    return Enrollment.objects.filter(state__in=OPEN_STATES).count()
