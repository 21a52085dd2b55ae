"""First steps are done by what happens, not by a press in a list."""

from __future__ import annotations

from apps.branding.events import BrandPublished
from apps.courses.events import CoursePublished
from apps.enrollments.events import EnrollmentCreated
from apps.progress.events import ItemCompleted
from apps.reports.services import mark
from events.api import subscriber
from media.events import RevisionPublished


@subscriber("reports.first_brand", BrandPublished)
def first_brand(event: BrandPublished) -> None:
    """Somebody published the organization's own look."""
    mark("brand")


@subscriber("reports.first_video", RevisionPublished)
def first_video(event: RevisionPublished) -> None:
    """A video plays."""
    mark("video")


@subscriber("reports.first_course", CoursePublished)
def first_course(event: CoursePublished) -> None:
    """Learners can take a course."""
    mark("course")


@subscriber("reports.first_enrollment", EnrollmentCreated)
def first_enrollment(event: EnrollmentCreated) -> None:
    """Somebody is on a course."""
    mark("enrollment")


@subscriber("reports.first_progress", ItemCompleted)
def first_progress(event: ItemCompleted) -> None:
    """A lesson is completed: there is progress to see."""
    mark("progress")
