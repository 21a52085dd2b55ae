"""Use cases of enrollments. The course is locked first (courses.api), then the enrollment."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max

from apps.accounts import api as accounts
from apps.audit import api as audit
from apps.courses import api as courses
from apps.enrollments.dto import EnrollmentRecord
from apps.enrollments.errors import EnrollmentNotFound, WrongState
from apps.enrollments.events import EnrollmentCreated, EnrollmentsMoved, EnrollmentStateChanged
from apps.enrollments.models import OPEN_STATES, Enrollment, Placement
from apps.enrollments.selectors import record
from apps.library import api as library
from core.actor import Actor
from events.api import publish

MOVE_BATCH = 500

State = Enrollment.State
Reason = Placement.Reason


@transaction.atomic
def enroll_self(*, actor: Actor, course_id: UUID) -> tuple[EnrollmentRecord, bool]:
    """Put the actor on a course of their catalogue; return the enrollment and whether it was opened now.

    Raises:
        CourseNotFound: it is not offered to them, or by invitation only.
        CourseNotPublished, CourseArchived
    """
    courses.offered_course(course_id, actor)
    return enroll_member(member_id=actor.member_id, course_id=course_id, source="self", by=actor.member_id)


@transaction.atomic
def enroll_member(
    *, member_id: UUID, course_id: UUID, source: str = "assigned", by: UUID | None = None
) -> tuple[EnrollmentRecord, bool]:
    """Put a member on the current version of a course; return the enrollment and whether it was opened now.

    An open enrollment is returned as it is. One that was withdrawn or has run out is opened again with everything
    that was done; it moves to the current version only if nothing was done yet.

    Raises:
        CourseNotFound, CourseNotPublished, CourseArchived
    """
    course, version_id = courses.open_version(course_id)  # holds the course until commit: two calls cannot both create
    row = (
        Enrollment.objects.select_for_update()
        .filter(member_id=member_id, course_id=course_id)
        .order_by("-round")
        .first()
    )
    if row is not None and row.state in OPEN_STATES:
        return record(row), False
    if row is not None:
        _change_state(row, State.ACTIVE)
        if row.started_at is None and row.version_id != version_id:
            _move([row], version_id, Reason.ENROLLED, by)
        _keep("enrollments.enrollment.created", row, course=course.title, source=source)
        return record(row), True
    row = Enrollment.objects.create(
        member_id=member_id, course_id=course_id, version_id=version_id, state=State.ACTIVE, source=source
    )
    Placement.objects.create(enrollment=row, number=1, version_id=version_id, reason=Reason.ENROLLED, by_id=by)
    publish(EnrollmentCreated(enrollment=row.id, member=member_id, course=course_id, version=version_id))
    _keep("enrollments.enrollment.created", row, course=course.title, source=source)
    return record(row), True


@transaction.atomic
def withdraw(*, enrollment_id: UUID) -> EnrollmentRecord:
    """Close an enrollment; what was done stays and returns if it is opened again. Repeating changes nothing.

    Raises:
        EnrollmentNotFound
        WrongState: it ended in another way already.
    """
    row = _locked(enrollment_id)
    if row.state == State.WITHDRAWN:
        return record(row)
    if row.state not in OPEN_STATES:
        raise WrongState(state=row.state, wanted=State.WITHDRAWN)
    _change_state(row, State.WITHDRAWN)
    _keep("enrollments.enrollment.withdrawn", row, course=courses.titles().get(row.course_id, ""))
    # Who has left may not go on playing what is open in another tab.
    transaction.on_commit(lambda: library.end_playback(right_id=enrollment_id, reason="withdrawn"), robust=True)
    return record(row)


@transaction.atomic
def place(*, enrollment_id: UUID, version_id: UUID, reason: str, by: UUID | None = None) -> bool:
    """Put an enrollment on a version of its course; return whether it moved. Nothing that was done changes.

    Raises:
        EnrollmentNotFound
        VersionNotFound: the version is not of this course.
    """
    row = _locked(enrollment_id)
    if row.version_id == version_id:
        return False
    if courses.outline(version_id).course_id != row.course_id:
        raise EnrollmentNotFound
    _move([row], version_id, Reason(reason), by)
    return True


@transaction.atomic
def place_by_policy(*, course_id: UUID, version_id: UUID) -> int:
    """Move everybody who has not begun to the new version; return how many. Who has begun stays where they are.

    Safe to repeat: who is on the version already is not moved again.
    """
    moved = 0
    while True:
        rows = list(
            Enrollment.objects.select_for_update()
            .filter(course_id=course_id, state__in=OPEN_STATES, started_at__isnull=True)
            .exclude(version_id=version_id)
            .order_by("id")[:MOVE_BATCH]
        )
        if not rows:
            return moved
        _move(rows, version_id, Reason.PUBLISHED, None)
        moved += len(rows)


def mark_started(enrollment_id: UUID, at: datetime) -> None:
    """Record when the first thing was done; a later call changes nothing."""
    Enrollment.objects.filter(id=enrollment_id, started_at__isnull=True).update(started_at=at)


def mark_completed(enrollment_id: UUID, *, version_id: UUID, at: datetime) -> bool:
    """Record that the course was completed on ``version_id``; return whether this was the first time."""
    rows = Enrollment.objects.filter(id=enrollment_id, completed_at__isnull=True)
    return bool(rows.update(completed_at=at, completed_version_id=version_id))


def _locked(enrollment_id: UUID) -> Enrollment:
    row = Enrollment.objects.select_for_update().filter(id=enrollment_id).first()
    if row is None:
        raise EnrollmentNotFound
    return row


def _keep(action: str, row: Enrollment, **changes: str) -> None:
    member = accounts.member_with_id(row.member_id)
    audit.record(
        action,
        object_type="member",
        object_id=row.member_id,
        label=member.name if member else None,
        changes=changes,
    )


def _change_state(row: Enrollment, state: str) -> None:
    was = row.state
    row.state = state
    Enrollment.objects.filter(id=row.id).update(state=state, state_version=F("state_version") + 1)
    publish(
        EnrollmentStateChanged(
            enrollment=row.id, member=row.member_id, course=row.course_id, was=str(was), state=str(state)
        )
    )


def _move(rows: list[Enrollment], version_id: UUID, reason: str, by: UUID | None) -> None:
    """Point locked enrollments of one course at a version and add their Placements."""
    ids = [row.id for row in rows]
    numbers = dict(Placement.objects.filter(enrollment_id__in=ids).values_list("enrollment_id").annotate(Max("number")))
    Enrollment.objects.filter(id__in=ids).update(version_id=version_id)
    Placement.objects.bulk_create(
        [
            Placement(
                enrollment_id=row.id,
                number=numbers.get(row.id, 0) + 1,
                version_id=version_id,
                reason=reason,
                by_id=by,
            )
            for row in rows
        ]
    )
    for row in rows:
        row.version_id = version_id
    publish(EnrollmentsMoved(course=rows[0].course_id, version=version_id, enrollments=[str(row_id) for row_id in ids]))
