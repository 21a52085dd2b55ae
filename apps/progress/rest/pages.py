"""What the learner's pages get, as plain JSON values.

Written by hand and not by serializers: these are the hottest reads of the product, and their shapes are in
``serializers`` for the API's description.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from apps.courses import api as courses
from apps.courses.dto import OutlineItem, OutlineLine
from apps.library import api as library
from apps.progress.dto import Standpoint
from apps.progress.reducer import OPEN
from apps.progress.rows import Learning, Played
from apps.progress.selectors import Course, Lesson
from core.clock import iso, now
from media import api as media

_posters: courses.Kept[str] = courses.Kept(max_weight=2_000, weigh=lambda url: 1)


def outline_page(course: Course) -> dict[str, Any]:
    """Return the outline of a learner's course with their state in every lesson."""
    played = newest(course.learning.played)
    return {
        "enrollment": enrollment_json(course),
        "course": course_json(course),
        "progress": course.progress.as_json(),
        "modules": [
            {**module, "lessons": [_line(course, line, played) for line in lessons]}
            for module, lessons in course.outline.lines
        ],
    }


def lesson_page(lesson: Lesson) -> dict[str, Any]:
    """Return one lesson: its text, its rule in words, its video and where the learner stands."""
    course, entry = lesson.course, lesson.entry
    state = course.items.get(str(entry.item), OPEN)
    return {
        "item": str(entry.item),
        "title": entry.title,
        "kind": entry.medium,
        "body": learner_body(entry),
        "rule": {"kind": entry.rule.kind, "permille": entry.rule.permille, "words": entry.rule.words},
        "required": entry.required,
        "state": state.state,
        "percent_permille": state.percent_permille,
        "previous": _neighbour(course, lesson.previous),
        "next": _neighbour(course, lesson.next),
        "video": _video(course.learning),
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
    last = max((row.heard_at for row in course.learning.played), default=None)
    asset = upcoming.asset_id if upcoming else None
    position = newest(course.learning.played).get(str(asset)) if asset else None
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
            "kind": upcoming.medium,
            "duration_ms": upcoming.duration_ms,
            "position_seconds": position.position_seconds if position else None,
            "poster_url": video.poster_url if video else None,
        }
        if upcoming
        else None,
        "last_activity_at": iso(datetime.fromtimestamp(last, UTC)) if last else None,
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


def learner_body(entry: OutlineItem) -> dict[str, Any]:
    """Return the body of a lesson as it is read: HTML made by the server, without the editor's document."""
    if entry.content_sha256 is None:
        return {"v": 1, "blocks": []}
    body = courses.body(entry.content_sha256)
    return {
        "v": body["v"],
        "blocks": [{key: value for key, value in block.items() if key != "doc"} for block in body["blocks"]],
    }


def newest(played: Iterable[Played]) -> dict[str, Played]:
    """Return for each asset the map that was heard of last."""
    found: dict[str, Played] = {}
    for row in played:
        known = found.get(row.asset)
        if known is None or row.heard_at > known.heard_at:
            found[row.asset] = row
    return found


def _line(course: Course, line: OutlineLine, played: Mapping[str, Played]) -> dict[str, Any]:
    state = course.items.get(line.item, OPEN)
    row = played.get(line.asset) if line.asset else None
    return {
        **line.shown,
        "state": state.state,
        "percent_permille": state.percent_permille,
        "spans": row.spans if row else [],
    }


def _neighbour(course: Course, item: UUID | None) -> dict[str, Any] | None:
    return course.outline.by_item[item].as_json() if item else None


def _video(learning: Learning) -> dict[str, Any] | None:
    video = learning.video
    if video is None:
        return None
    row = next((row for row in learning.played if row.timeline == video["timeline"]), None)
    return {
        "asset_id": video["asset"],
        "timeline_id": video["timeline"],
        "duration_ms": video["duration_ms"],
        "position_seconds": row.position_seconds if row else 0,
        "seconds": row.spans if row else [],
        "captions": [{**track, "url": library.caption_url(UUID(track["id"]))} for track in video["captions"] or ()],
        "poster_url": _poster_url(video) if video["has_poster"] else None,
        "chapters": video["chapters"],
    }


def _poster_url(video: Mapping[str, Any]) -> str | None:
    """Return the poster's URL. It is the same for an hour, so this process keeps it and does not ask again."""
    hour = int(now().timestamp()) // 3600

    def ask() -> str:
        found = media.poster_urls({UUID(video["asset"]): UUID(video["rev"])})
        if not found:
            raise LookupError("posters cannot be signed now")
        return next(iter(found.values()))

    try:
        return _posters.get((video["rev"], hour), ask)
    except LookupError:
        return None
