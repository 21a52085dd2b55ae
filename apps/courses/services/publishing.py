"""Publish a draft: an immutable version of it, or the reasons why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.audit.api import record
from apps.courses import configs
from apps.courses.canonical import digest
from apps.courses.dto import Change, OutlineItem
from apps.courses.errors import CannotPublish, NothingToPublish
from apps.courses.events import CoursePublished
from apps.courses.models import Course, CourseVersion, VersionItem
from apps.courses.selectors import changes_since_version, course, version_items
from apps.courses.services.locking import lock_course
from apps.library import api as library
from core.clock import now
from events.api import publish as publish_event

Videos = Mapping[UUID, "library.Video"]


@dataclass(frozen=True, slots=True)
class Note:
    """Something to know about one item, or about the whole course (``item`` None), before publishing."""

    item: UUID | None
    title: str
    words: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What publishing now would do. ``problems`` prevent it, ``warnings`` do not."""

    draft_revision: int
    number: int
    changes: list[Change]
    problems: list[Note]
    warnings: list[Note]


def preview_publication(course_id: UUID) -> Preview:
    """Return what publishing the draft as it is now would change.

    Raises:
        CourseNotFound: there is no such course.
    """
    found = course(course_id)
    items = version_items(found)
    return Preview(
        draft_revision=found.draft_revision,
        number=_next_number(found),
        changes=changes_since_version(found, items),
        problems=_problems(items, _videos(items)),
        warnings=[
            Note(entry.item, entry.title, "This lesson is empty.")
            for entry in items
            if entry.kind != "module" and entry.content_sha256 is None
        ],
    )


@transaction.atomic
def publish_course(*, course_id: UUID, member_id: UUID, note: str = "") -> CourseVersion:
    """Make the draft the course's new version.

    The course's lock is held throughout, so of two publications of one draft the second finds nothing to publish.

    Raises:
        CourseNotFound, CourseArchived
        CannotPublish: no lesson, or a video that cannot be played; ``errors`` says which.
        NothingToPublish: learners would see what they see now.
    """
    found = lock_course(course_id)
    items = version_items(found)
    videos = _videos(items)
    if problems := _problems(items, videos):
        raise CannotPublish(
            problems[0].words,
            errors={f"nodes/{one.item}" if one.item else "course": one.words for one in problems},
        )
    named = tree_digest(items)
    previous = found.current_version
    if previous is not None and previous.digest == named and found.state == Course.State.PUBLISHED:
        raise NothingToPublish
    version = CourseVersion.objects.create(
        course=found,
        number=_next_number(found),
        digest=named,
        previous=previous,
        published_by_id=member_id,
        published_at=now(),
        note=note.strip(),
    )
    VersionItem.objects.bulk_create(
        [_version_item(version.id, position, entry, videos) for position, entry in enumerate(items)]
    )
    found.current_version = version
    found.state = Course.State.PUBLISHED
    found.save(update_fields=["current_version", "state"])
    publish_event(
        CoursePublished(
            course=found.id,
            version=version.id,
            number=version.number,
            previous=previous.id if previous else None,
            policy=version.policy,
        )
    )
    record(
        "courses.course.published",
        object_type="course",
        object_id=found.id,
        label=found.title,
        changes={"number": [previous.number if previous else None, version.number], "note": version.note},
    )
    return version


def tree_digest(items: Sequence[OutlineItem]) -> str:
    """Return the hash of what learners would see: order, titles, bodies and rules. The length of a video is not in it,
    because a new encode of the same cut is not a new course."""
    return digest([_named(entry) for entry in items])


def _named(entry: OutlineItem) -> dict[str, Any]:
    return {
        "item": str(entry.item),
        "parent": str(entry.parent) if entry.parent else None,
        "kind": entry.kind,
        "title": entry.title,
        "content": entry.content_sha256,
        "rule": configs.rule_json(entry.rule),
        "required": entry.required,
        "weight": entry.weight,
        "epoch": entry.epoch,
        "credits": [[str(item) for item in group] for group in entry.credits],
    }


def _version_item(version_id: UUID, position: int, entry: OutlineItem, videos: Videos) -> VersionItem:
    video = videos.get(entry.asset_id) if entry.asset_id else None
    return VersionItem(
        version_id=version_id,
        item_id=entry.item,
        parent_item_id=entry.parent,
        position=position,
        kind=entry.kind,
        title=entry.title,
        content_id=entry.content_sha256,
        asset_id=entry.asset_id,
        duration_ms=video.duration_ms if video else None,
        rule=configs.rule_json(entry.rule),
        required=entry.required,
        weight=entry.weight,
        epoch=entry.epoch,
        credits=[[str(item) for item in group] for group in entry.credits],
    )


def _next_number(found: Course) -> int:
    return found.current_version.number + 1 if found.current_version else 1


def _videos(items: Sequence[OutlineItem]) -> Videos:
    wanted = [entry.asset_id for entry in items if entry.asset_id]
    return library.video_of(wanted) if wanted else {}


def _problems(items: Sequence[OutlineItem], videos: Videos) -> list[Note]:
    problems: list[Note] = []
    if not any(entry.kind != "module" for entry in items):
        problems.append(Note(None, "", "A course needs at least one lesson before it can be published."))
    for entry in items:
        if entry.asset_id is None:
            continue
        video = videos.get(entry.asset_id)
        if video is None or video.state == "failed":
            words = f"The video of “{entry.title}” cannot be played. Replace it or remove it."
        elif not video.is_playable:
            words = f"The video of “{entry.title}” is still being prepared."
        else:
            continue
        problems.append(Note(entry.item, entry.title, words))
    return problems
