"""What an enrollment needs of a course, in the enrollment's own transaction."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.courses.dto import CourseCard
from apps.courses.errors import CourseNotPublished
from apps.courses.models import Course
from apps.courses.selectors import card
from apps.courses.services.locking import lock_course


@transaction.atomic
def open_version(course_id: UUID) -> tuple[CourseCard, UUID]:
    """Return the course and the version that a new learner gets; the course stays locked until commit, so that it
    cannot be archived or published past the enrollment.

    Raises:
        CourseNotFound, CourseArchived
        CourseNotPublished: there is nothing to learn yet.
    """
    found = lock_course(course_id)
    if found.state != Course.State.PUBLISHED or found.current_version_id is None:
        raise CourseNotPublished
    return card(found), found.current_version_id
