"""Reads of progress. What is stored is shown if it is of the current version and reducer; else it is computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from apps.courses import api as courses
from apps.courses.dto import OutlineItem, VersionOutline
from apps.enrollments.dto import EnrollmentRecord
from apps.enrollments.errors import EnrollmentClosed, EnrollmentNotFound
from apps.progress import reducer, store
from apps.progress.dto import ItemState, ProgressSummary
from apps.progress.errors import ItemNotFound
from apps.progress.reducer import REDUCER, History
from apps.progress.rows import Inputs, Learning

OPEN_STATE = "active"


@dataclass(frozen=True, slots=True)
class Course:
    """A learner's course as a page shows it: their enrollment, its tree, and where they stand (items by id as text)."""

    learning: Learning
    outline: VersionOutline
    items: Mapping[str, ItemState]
    progress: ProgressSummary


@dataclass(frozen=True, slots=True)
class Lesson:
    """One lesson of a learner's course."""

    course: Course
    entry: OutlineItem
    previous: UUID | None
    next: UUID | None


def own_course(enrollment_id: UUID, member_id: UUID) -> Course:
    """Return the member's own enrollment with its whole tree.

    Raises:
        EnrollmentNotFound: there is none, or it is another member's.
    """
    learning = store.read_learning(enrollment_id, member_id)
    if learning is None:
        raise EnrollmentNotFound
    return _course(learning)


def own_lesson(enrollment_id: UUID, member_id: UUID, item: UUID) -> Lesson:
    """Return one lesson of the version that the member's own enrollment is on.

    Raises:
        EnrollmentNotFound: there is none, or it is another member's.
        EnrollmentClosed: it was withdrawn or has run out; the outline may still be looked at, lessons may not.
        ItemNotFound: the version has no such lesson.
    """
    learning = store.read_lesson(enrollment_id, member_id, item)
    if learning is None:
        raise EnrollmentNotFound
    if learning.state != OPEN_STATE:
        raise EnrollmentClosed
    course = _course(learning)
    entry = course.outline.by_item.get(item)
    if entry is None or entry.kind == "module":
        raise ItemNotFound
    previous, following = course.outline.neighbours[item]
    return Lesson(course, entry, previous, following)


def own_courses(member_id: UUID) -> list[Course]:
    """Return every course of a member, newest enrollment first."""
    return [_course(learning) for learning in store.read_all_learning(member_id)]


def history_of(inputs: Inputs) -> History:
    """Return what the reducer needs, with the trees of every version the enrollment has been on."""
    return History(
        placements=[courses.outline(version) for version in inputs.placements],
        facts=inputs.facts,
        watched=[row.watched for row in inputs.maps],
        is_completed=inputs.completed_at is not None,
    )


def _course(learning: Learning) -> Course:
    outline = courses.outline(learning.version_id)
    if learning.standing.is_of(learning.version_id, REDUCER):
        return Course(learning, outline, learning.items, learning.standing.summary)
    # Just enrolled, moved or re-reduced: show the truth now; what recorded the change will store it.
    summary, items = _computed(learning.enrollment_id, learning.standing.summary.revision)
    return Course(learning, outline, {str(item): state for item, state in items.items()}, summary)


def summaries(records: Sequence[EnrollmentRecord]) -> dict[UUID, ProgressSummary]:
    """Return the progress number of each of these enrollments: stored, or computed where that is out of date."""
    stored = store.read_standings([record.id for record in records])
    found: dict[UUID, ProgressSummary] = {}
    for record in records:
        standing = stored.get(record.id)
        if standing is not None and standing.is_of(record.version_id, REDUCER):
            found[record.id] = standing.summary
        else:
            found[record.id] = _computed(record.id, standing.summary.revision if standing else 0)[0]
    return found


def _computed(enrollment_id: UUID, revision: int) -> tuple[ProgressSummary, Mapping[UUID, ItemState]]:
    """Return progress as the reducer says it now: for who just enrolled or moved, before what changed is stored."""
    inputs = store.read_inputs(enrollment_id)
    if inputs is None:
        raise EnrollmentNotFound
    progress = reducer.reduce(history_of(inputs))
    summary = ProgressSummary(
        revision=revision + 1,  # what storing it will make it
        percent_permille=progress.percent_permille,
        done=progress.done,
        required=progress.required,
        next_item=progress.next_item,
    )
    return summary, progress.items
