"""Reads of progress. What is stored is shown if it is of the current version and reducer; else it is computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from apps.courses import api as courses
from apps.courses.dto import OutlineItem, VersionOutline
from apps.enrollments.errors import EnrollmentNotFound
from apps.progress import reducer, store
from apps.progress.dto import ItemState, ProgressSummary
from apps.progress.errors import ItemNotFound
from apps.progress.reducer import REDUCER, History
from apps.progress.rows import Inputs, Learning


@dataclass(frozen=True, slots=True)
class Course:
    """A learner's course as a page shows it: their enrollment, its tree, and where they stand."""

    learning: Learning
    outline: VersionOutline
    items: Mapping[UUID, ItemState]
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
        ItemNotFound: the version has no such lesson.
    """
    learning = store.read_lesson(enrollment_id, member_id, item)
    if learning is None:
        raise EnrollmentNotFound
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
    items: Mapping[UUID, ItemState] = learning.items
    summary = learning.standing.summary
    if not learning.standing.is_of(learning.version_id, REDUCER):
        # Just enrolled, moved or re-reduced: show the truth now; what recorded the change will store it.
        inputs = store.read_inputs(learning.enrollment_id)
        if inputs is None:
            raise EnrollmentNotFound
        progress = reducer.reduce(history_of(inputs))
        items = progress.items
        summary = ProgressSummary(
            revision=summary.revision,
            percent_permille=progress.percent_permille,
            done=progress.done,
            required=progress.required,
            next_item=progress.next_item,
        )
    watched = [row.watched for row in learning.maps]
    go_on = reducer.continue_at(summary.next_item, outline, items, watched)
    if go_on != summary.next_item:
        summary = ProgressSummary(summary.revision, summary.percent_permille, summary.done, summary.required, go_on)
    return Course(learning, outline, items, summary)
