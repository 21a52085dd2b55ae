"""What the learner's pages get, as plain JSON values.

Written by hand and not by serializers: these are the hottest reads of the product, and their shapes are in
``serializers`` for the API's description.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from apps.courses import api as courses
from apps.courses.dto import OutlineItem
from apps.library import api as library
from apps.progress.dto import Standpoint
from apps.progress.reducer import OPEN
from apps.progress.rows import MapRow
from apps.progress.selectors import Course, Lesson
from core.clock import iso


def outline_page(course: Course) -> dict[str, Any]:
    """Return the outline of a learner's course with their state in every lesson."""
    played = newest_maps(course.learning.maps)
    return {
        "enrollment": enrollment_json(course),
        "course": course_json(course),
        "progress": course.progress.as_json(),
        "modules": [
            {
                "item": str(module.item),
                "title": module.title,
                "lessons": [_lesson_line(course, entry, played) for entry in lessons],
            }
            for module, lessons in course.outline.modules
        ],
    }


def lesson_page(lesson: Lesson) -> dict[str, Any]:
    """Return one lesson: its text, its rule in words, its video and where the learner stands."""
    course, entry = lesson.course, lesson.entry
    state = course.items.get(entry.item, OPEN)
    return {
        "item": str(entry.item),
        "title": entry.title,
        "kind": lesson_kind(entry),
        "body": learner_body(entry),
        "rule": {"kind": entry.rule.kind, "permille": entry.rule.permille, "words": entry.rule.words},
        "required": entry.required,
        "state": state.state,
        "percent_permille": state.percent_permille,
        "previous": _neighbour(course, lesson.previous),
        "next": _neighbour(course, lesson.next),
        "video": _video(course, entry) if entry.asset_id else None,
        "progress": course.progress.as_json(),
        "placement_no": course.learning.placement_no,
    }


def enrollment_cards(found: Sequence[Course]) -> list[dict[str, Any]]:
    """Return enrollments as a learner's home shows them, with where "Continue" goes and its picture."""
    coming = [course.outline.by_item.get(course.progress.next_item or course.learning.course_id) for course in found]
    videos = library.video_of(entry.asset_id for entry in coming if entry and entry.asset_id)
    return [enrollment_card(course, videos) for course in found]


def enrollment_card(course: Course, videos: Mapping[UUID, library.Video]) -> dict[str, Any]:
    """Return one enrollment of :func:`enrollment_cards`."""
    lessons = course.outline.lessons
    upcoming = course.outline.by_item.get(course.progress.next_item) if course.progress.next_item else None
    played = newest_maps(course.learning.maps)
    last = max((row.watched.position_at for row in course.learning.maps if row.watched.position_at), default=None)
    asset = upcoming.asset_id if upcoming else None
    position = played.get(asset) if asset else None
    video = videos.get(asset) if asset else None
    return {
        **enrollment_json(course),
        "course": {
            **course_json(course),
            "lessons": len(lessons),
            "duration_ms": sum(entry.duration_ms or 0 for entry in lessons),
        },
        "progress": course.progress.as_json(),
        "next": {
            "item": str(upcoming.item),
            "title": upcoming.title,
            "kind": lesson_kind(upcoming),
            "duration_ms": upcoming.duration_ms,
            "position_seconds": position.position_seconds if position else None,
            "poster_url": video.poster_url if video else None,
        }
        if upcoming
        else None,
        "last_activity_at": iso(last) if last else None,
    }


def enrollment_json(course: Course) -> dict[str, Any]:
    """Return the enrollment itself."""
    learning = course.learning
    return {
        "id": str(learning.enrollment_id),
        "state": learning.state,
        "placement_no": learning.placement_no,
        "version_number": course.outline.number,
        "created_at": iso(learning.created_at),
        "started_at": iso(learning.started_at) if learning.started_at else None,
        "completed_at": iso(learning.completed_at) if learning.completed_at else None,
    }


def course_json(course: Course) -> dict[str, Any]:
    """Return the course as a learner's pages name it."""
    learning = course.learning
    return {
        "id": str(learning.course_id),
        "slug": learning.course_slug,
        "title": learning.course_title,
        "summary": learning.course_summary,
    }


def standpoint_json(point: Standpoint) -> dict[str, Any]:
    """Return where the learner stands after something was recorded."""
    return {
        "item_state": point.item.state,
        "percent_permille": point.item.percent_permille,
        "watched": point.watched,
        "progress": point.progress.as_json(),
    }


def catalog_lesson(entry: OutlineItem) -> dict[str, Any]:
    """Return a lesson as the catalogue shows it."""
    return {
        "item": str(entry.item),
        "title": entry.title,
        "kind": lesson_kind(entry),
        "duration_ms": entry.duration_ms,
        "required": entry.required,
    }


def lesson_kind(entry: OutlineItem) -> str:
    """Return what a learner meets in a lesson: a video, or text alone."""
    return "video" if entry.asset_id else "text"


def learner_body(entry: OutlineItem) -> dict[str, Any]:
    """Return the body of a lesson as it is read: HTML made by the server, without the editor's document."""
    if entry.content_sha256 is None:
        return {"v": 1, "blocks": []}
    body = courses.body(entry.content_sha256)
    return {
        "v": body["v"],
        "blocks": [{key: value for key, value in block.items() if key != "doc"} for block in body["blocks"]],
    }


def newest_maps(maps: Iterable[MapRow]) -> dict[UUID, MapRow]:
    """Return for each asset the map that was heard of last."""
    found: dict[UUID, MapRow] = {}
    for row in maps:
        known = found.get(row.watched.asset_id)
        if known is None or (row.watched.position_at or known.watched.position_at) > known.watched.position_at:  # type: ignore[operator]
            found[row.watched.asset_id] = row
    return found


def _lesson_line(course: Course, entry: OutlineItem, played: dict[UUID, MapRow]) -> dict[str, Any]:
    state = course.items.get(entry.item, OPEN)
    row = played.get(entry.asset_id) if entry.asset_id else None
    return {
        "item": str(entry.item),
        "title": entry.title,
        "kind": "video" if entry.asset_id else "text",
        "duration_ms": entry.duration_ms,
        "state": state.state,
        "percent_permille": state.percent_permille,
        "spans": row.seconds if row else [],
        "required": entry.required,
    }


def _neighbour(course: Course, item: UUID | None) -> dict[str, Any] | None:
    if item is None:
        return None
    entry = course.outline.by_item[item]
    return {
        "item": str(item),
        "title": entry.title,
        "kind": lesson_kind(entry),
        "duration_ms": entry.duration_ms,
    }


def _video(course: Course, entry: OutlineItem) -> dict[str, Any] | None:
    assert entry.asset_id is not None
    video = library.video_of([entry.asset_id]).get(entry.asset_id)
    if video is None or video.timeline_id is None:
        return None
    row = next((row for row in course.learning.maps if row.timeline_id == video.timeline_id), None)
    return {
        "asset_id": str(entry.asset_id),
        "timeline_id": str(video.timeline_id),
        "duration_ms": video.duration_ms,
        "position_seconds": row.position_seconds if row else 0,
        "seconds": row.seconds if row else [],
        "captions": [
            {
                "id": str(track.id),
                "kind": track.kind,
                "language": track.language,
                "label": track.label,
                "is_default": track.is_default,
                "url": track.url,
            }
            for track in video.captions
        ],
        "poster_url": video.poster_url,
        "chapters": video.chapters,
    }
