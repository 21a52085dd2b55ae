"""The one lock of a course: every change of a draft and every publication takes it first, so they never cross."""

from __future__ import annotations

from uuid import UUID

from apps.courses.errors import CourseArchived, CourseNotFound
from apps.courses.models import Course


def lock_course(course_id: UUID, *, even_archived: bool = False) -> Course:
    """Return the course, locked until the transaction ends.

    Raises:
        CourseNotFound: there is none, or it is in the bin.
        CourseArchived: it is archived and that was not asked for.
    """
    found = Course.objects.select_for_update(of=("self",)).kept().filter(id=course_id).first()
    if found is None:
        raise CourseNotFound
    if found.state == Course.State.ARCHIVED and not even_archived:
        raise CourseArchived
    return found
