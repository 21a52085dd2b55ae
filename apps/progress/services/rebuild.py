"""Prove the caches: compute progress from facts and maps alone and compare it with what is stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from apps.enrollments import api as enrollments
from apps.progress import store, watch
from apps.progress.reducer import OPEN, REDUCER, reduce
from apps.progress.rows import Inputs, Standing
from apps.progress.selectors import history_of
from apps.progress.services.recalculation import recalculate, summary_of
from core.clock import now

BATCH = 500


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is stored and does not follow from what was done."""

    enrollment_id: UUID
    what: str
    stored: object
    computed: object


def check(enrollment_id: UUID) -> list[Difference]:
    """Return every difference between the caches of an enrollment and its facts and maps. Writes nothing."""
    inputs = store.read_inputs(enrollment_id)
    return list(_differences(enrollment_id, inputs)) if inputs else []


def rebuild(enrollment_id: UUID) -> list[Difference]:
    """Store what :func:`check` computed, where it differs; return the differences there were.

    Facts may be added, never removed. The measures of maps are reported and left alone: the map itself is the truth.
    """
    found = check(enrollment_id)
    if found:
        recalculate(enrollment_id, at=now())
    return found


def every_enrollment() -> Iterator[UUID]:
    """Yield every enrollment of the bound organization, in steps of 500."""
    last: UUID | None = None
    while ids := enrollments.ids_after(last, limit=BATCH):
        yield from ids
        last = ids[-1]


def _differences(enrollment_id: UUID, inputs: Inputs) -> Iterator[Difference]:
    for row in inputs.maps:
        measured = watch.length(row.seconds)
        if measured != row.watched.covered:
            yield Difference(enrollment_id, f"covered:{row.timeline_id}", row.watched.covered, measured)
    progress = reduce(history_of(inputs))
    for fact in progress.earned:
        yield Difference(enrollment_id, f"fact:{fact.item}", None, fact)
    for item in {*inputs.items, *progress.items}:
        stored, computed = inputs.items.get(item, OPEN), progress.items.get(item, OPEN)
        if stored != computed:
            yield Difference(enrollment_id, f"item:{item}", stored, computed)
    standing = Standing(summary_of(inputs, progress), inputs.version_id, REDUCER)
    if standing != inputs.standing:
        yield Difference(enrollment_id, "course", inputs.standing, standing)
    if progress.is_complete and inputs.completed_at is None:
        yield Difference(enrollment_id, "completed_at", None, "complete")
