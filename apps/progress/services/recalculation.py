"""The one writer of stored progress: facts in, the reducer's answer stored, under the enrollment's lock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.enrollments import api as enrollments
from apps.enrollments.errors import EnrollmentNotFound
from apps.progress import store
from apps.progress.dto import ItemState, ProgressSummary
from apps.progress.events import CourseCompleted, ItemCompleted
from apps.progress.models import ItemFact, LearningEvent
from apps.progress.reducer import OPEN, REDUCER, Fact, Progress, reduce
from apps.progress.rows import Inputs, Standing
from apps.progress.selectors import history_of
from core.ids import new_id
from events.api import publish


@dataclass(frozen=True, slots=True)
class Outcome:
    """Progress as it is stored now."""

    summary: ProgressSummary
    items: Mapping[UUID, ItemState]


@transaction.atomic
def recalculate(
    enrollment_id: UUID,
    *,
    at: datetime,
    add: Sequence[Fact] = (),
    via: str = ItemFact.Via.EVENT,
    actor_id: UUID | None = None,
) -> Outcome:
    """Add facts (``add`` and what the watch maps have earned) and store what the reducer makes of everything.

    The versions are read after the lock is held, so a move that commits meanwhile is seen. Facts that exist are not
    added again; nothing is written, and the revision stays, where nothing changes. A completed course stays completed.

    Raises:
        EnrollmentNotFound: there is no such enrollment.
    """
    if not store.lock(enrollment_id, at):
        raise EnrollmentNotFound
    inputs = store.read_inputs(enrollment_id)
    if inputs is None:
        raise EnrollmentNotFound
    known = set(inputs.facts)
    given = [fact for fact in add if fact not in known]
    history = history_of(inputs)
    progress = reduce(history.with_facts(given))
    new_facts: list[tuple[Fact, str, UUID | None]] = [(fact, via, actor_id) for fact in given]
    new_facts += [(fact, ItemFact.Via.EVENT, None) for fact in progress.earned]
    completes = progress.is_complete and inputs.completed_at is None
    changed = changed_items(inputs, progress)
    summary = summary_of(inputs, progress)
    standing = Standing(summary, inputs.version_id, REDUCER)
    if changed or standing != inputs.standing:
        revision = summary.revision + 1
        summary = ProgressSummary(revision, summary.percent_permille, summary.done, summary.required, summary.next_item)
        store.write_items(enrollment_id, changed.items(), at)
        store.write_standing(enrollment_id, Standing(summary, inputs.version_id, REDUCER), at)
    if new_facts:
        _record(inputs, enrollment_id, new_facts, summary.revision, at)
    if completes and enrollments.mark_completed(enrollment_id, version_id=inputs.version_id, at=at):
        publish(
            CourseCompleted(
                enrollment=enrollment_id,
                member=inputs.member_id,
                course=inputs.course_id,
                version=inputs.version_id,
                revision=summary.revision,
            )
        )
    return Outcome(summary, progress.items)


def changed_items(inputs: Inputs, progress: Progress) -> dict[UUID, ItemState]:
    """Return the item states that differ from what is stored; an item without a row is open."""
    return {item: state for item, state in progress.items.items() if inputs.items.get(item, OPEN) != state}


def summary_of(inputs: Inputs, progress: Progress) -> ProgressSummary:
    """Return the reducer's answer with the revision that is stored."""
    return ProgressSummary(
        revision=inputs.standing.summary.revision,
        percent_permille=progress.percent_permille,
        done=progress.done,
        required=progress.required,
        next_item=progress.next_item,
    )


def _record(
    inputs: Inputs,
    enrollment_id: UUID,
    facts: Sequence[tuple[Fact, str, UUID | None]],
    revision: int,
    at: datetime,
) -> None:
    """Write facts, what a person would tell of them, and the events of them."""
    enrollments.mark_started(enrollment_id, at)
    rows = [
        ItemFact(
            id=new_id(),
            enrollment_id=enrollment_id,
            item_id=fact.item,
            epoch=fact.epoch,
            kind=fact.kind,
            at=at,
            version_id=inputs.version_id,
            via=via,
            actor_id=actor_id,
        )
        for fact, via, actor_id in facts
    ]
    ItemFact.objects.bulk_create(rows, ignore_conflicts=True)
    LearningEvent.objects.bulk_create(
        [
            LearningEvent(
                id=row.id,
                enrollment_id=enrollment_id,
                item_id=row.item_id,
                verb=LearningEvent.Verb.COMPLETED,
                placement_no=len(inputs.placements),
                occurred_at=at,
                received_at=at,
                payload={"v": 1, "via": str(row.via)},
            )
            for row in rows
        ],
        ignore_conflicts=True,
    )
    for row in rows:
        publish(ItemCompleted(enrollment=enrollment_id, item=row.item_id, version=inputs.version_id, revision=revision))
