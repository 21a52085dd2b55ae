"""Make, rename and remove courses."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.text import slugify

from apps.audit.api import record
from apps.courses.errors import CourseChanged
from apps.courses.events import CourseArchived
from apps.courses.models import Course
from apps.courses.services.locking import lock_course
from core.clock import now
from core.errors import ValidationFailed
from core.ids import new_id, short_name
from events.api import publish

TITLE_LENGTH = 200


@transaction.atomic
def create_course(*, title: str, member_id: UUID, summary: str = "", visibility: str = "members") -> Course:
    """Make an empty course with a slug made of its title.

    Raises:
        ValidationFailed: no title, or too long.
    """
    course_id = new_id()
    stem = slugify(title)[:64].strip("-") or "course"
    # The tail keeps slugs unique without asking: two courses may have one title.
    slug = f"{stem}-{short_name(course_id)[-6:]}"
    made: Course = Course.objects.create(
        id=course_id,
        slug=slug,
        title=clean_title(title),
        summary=summary.strip(),
        visibility=visibility,
        created_by_id=member_id,
    )
    record("courses.course.created", object_type="course", object_id=made.id, label=made.title)
    return made


@transaction.atomic
def edit_course(
    *,
    course_id: UUID,
    revision: int | None = None,
    title: str | None = None,
    summary: str | None = None,
    visibility: str | None = None,
) -> Course:
    """Change what is given; learners see it at once. ``revision`` is the one that was seen, where it was named.

    Raises:
        CourseNotFound, CourseArchived
        CourseChanged: the course has another revision by now.
        ValidationFailed: no title, or too long.
    """
    found = lock_course(course_id)
    if revision is not None and revision != found.revision:
        raise CourseChanged(
            current={"title": found.title, "summary": found.summary, "visibility": found.visibility},
            yours={"title": title, "summary": summary, "visibility": visibility},
            revision=found.revision,
        )
    before = {"title": found.title, "summary": found.summary, "visibility": found.visibility}
    if title is not None:
        found.title = clean_title(title)
    if summary is not None:
        found.summary = summary.strip()
    if visibility is not None:
        found.visibility = visibility
    found.revision += 1
    found.updated_at = now()
    found.save(update_fields=["title", "summary", "visibility", "revision", "updated_at"])
    changes = {name: [was, getattr(found, name)] for name, was in before.items() if was != getattr(found, name)}
    if changes:
        record("courses.course.edited", object_type="course", object_id=found.id, label=found.title, changes=changes)
    return found


@transaction.atomic
def remove_course(*, course_id: UUID) -> Course:
    """Put a course that was never published into the bin; archive one that was. Repeating changes nothing.

    Raises:
        CourseNotFound: there is none.
    """
    found = lock_course(course_id, even_archived=True)
    if found.current_version_id is None:
        found.deleted_at = now()
        found.save(update_fields=["deleted_at"])
        record("courses.course.removed", object_type="course", object_id=found.id, label=found.title)
    elif found.state != Course.State.ARCHIVED:
        found.state = Course.State.ARCHIVED
        found.save(update_fields=["state"])
        publish(CourseArchived(course=found.id))
        record("courses.course.archived", object_type="course", object_id=found.id, label=found.title)
    return found


def touch_draft(found: Course) -> None:
    """Count a change of the draft. The caller holds the course's lock."""
    found.draft_revision += 1
    found.updated_at = now()
    Course.objects.filter(id=found.id).update(draft_revision=F("draft_revision") + 1, updated_at=found.updated_at)


def clean_title(title: str) -> str:
    """Return ``title`` on one line. Raises ValidationFailed where nothing is left or it is too long."""
    cleaned = " ".join(title.split())
    if not cleaned:
        raise ValidationFailed(errors={"title": "It needs a title."})
    if len(cleaned) > TITLE_LENGTH:
        raise ValidationFailed(errors={"title": f"A title has at most {TITLE_LENGTH} characters."})
    return cleaned
