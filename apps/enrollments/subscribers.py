"""What enrollments do when something happened elsewhere."""

from __future__ import annotations

from apps.courses import api as courses
from apps.courses.events import CoursePublished
from apps.enrollments import services
from events.api import subscriber


@subscriber("enrollments.place_by_policy", CoursePublished)
def place_by_policy(event: CoursePublished) -> None:
    """Who has not begun gets the newest version: events may arrive late, so the course says which that is."""
    current = courses.course(event.course).current_version_id
    if current is not None:
        services.place_by_policy(course_id=event.course, version_id=current)
