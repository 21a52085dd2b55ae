"""What the staff console reads of the outbox, and the deliveries that were parked. Platform only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from core.clock import now
from core.errors import DomainError, NotFound
from core.ids import written_at
from core.jobs import JobLine, JobState
from events.delivery import LANE
from events.models import OutboxDelivery

State = OutboxDelivery.State

_STATES: dict[str, JobState] = {
    State.PENDING: "waiting",
    State.PARKED: "failed",
    State.DONE: "done",
    State.VOID: "cancelled",
}


class NotParked(DomainError):
    """Only what was parked is delivered again, or given up, by hand."""

    code = "delivery_not_parked"
    title = "This delivery is not parked"


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits to be delivered. ``oldest_at`` is when the oldest that waits was written, None where none does."""

    pending: int = 0
    parked: int = 0
    oldest_at: datetime | None = None

    @property
    def lag_seconds(self) -> int:
        """Seconds for which the oldest has waited."""
        return max(0, int((now() - self.oldest_at).total_seconds())) if self.oldest_at else 0


def backlog(*, but: Iterable[UUID] = ()) -> Backlog:
    """Return what waits over all organizations, without those of ``but``: what is paused waits on purpose."""
    rows = _open().exclude(organization_id__in=list(but))
    found = rows.aggregate(pending=_pending(), parked=_parked())
    # The id is a UUIDv7: its order is the order of writing, its first bits the time.
    oldest = rows.filter(state=State.PENDING).order_by("id").values_list("id", flat=True).first()
    return Backlog(found["pending"], found["parked"], written_at(oldest) if oldest else None)


def backlogs(organization_ids: Iterable[UUID]) -> dict[UUID, Backlog]:
    """Return what waits for each organization; those for which nothing does are left out."""
    rows = _open().filter(organization_id__in=list(organization_ids))
    oldest = dict(
        rows.filter(state=State.PENDING)
        .order_by("organization_id", "id")
        .distinct("organization_id")
        .values_list("organization_id", "id")
    )
    counted = rows.values_list("organization_id").annotate(pending=_pending(), parked=_parked())
    return {
        found: Backlog(pending, parked, written_at(oldest[found]) if found in oldest else None)
        for found, pending, parked in counted
    }


def _open() -> QuerySet[OutboxDelivery]:
    return OutboxDelivery.objects.filter(state__in=(State.PENDING, State.PARKED))


def _pending() -> Count:
    return Count("id", filter=Q(state=State.PENDING))


def _parked() -> Count:
    return Count("id", filter=Q(state=State.PARKED))


class ParkedDeliveries:
    """Deliveries of facts as jobs of the console: those that wait, and those that were given up after twelve tries."""

    kind = "delivery"
    label = "Event delivery"

    def lines(self, *, state: JobState | None, organization_id: UUID | None, limit: int) -> Sequence[JobLine]:
        """See :class:`core.jobs.JobSource`. What was delivered is no job any more and is not listed."""
        rows = _open()
        if state is not None:
            rows = rows.filter(state__in=[mine for mine, theirs in _STATES.items() if theirs == state])
        if organization_id is not None:
            rows = rows.filter(organization_id=organization_id)
        return [_line(row) for row in rows.order_by("-id")[:limit]]

    def retry(self, job_id: UUID, *, reason: str) -> JobLine:
        """Deliver again, with all twelve tries before it.

        Raises:
            NotFound: there is no such delivery. NotParked: it waits, is done or void.
        """
        row = self._parked(job_id)
        row.state, row.attempts, row.run_at, row.lease_until = State.PENDING, 0, now(), None
        row.save(update_fields=["state", "attempts", "run_at", "lease_until"])
        # The relay takes it in its turn, and asks whether its organization is served at all.
        LANE.bell.ring_on_commit()
        return _line(row)

    def cancel(self, job_id: UUID, *, reason: str) -> JobLine:
        """Give the delivery up for good: its effect never happens.

        Raises:
            NotFound: there is no such delivery. NotParked: it waits, is done or void.
        """
        row = self._parked(job_id)
        row.state, row.done_at = State.VOID, now()
        row.save(update_fields=["state", "done_at"])
        return _line(row)

    @staticmethod
    def _parked(job_id: UUID) -> OutboxDelivery:
        row = OutboxDelivery.objects.select_for_update().filter(id=job_id).first()
        if row is None:
            raise NotFound
        if row.state != State.PARKED:
            raise NotParked
        return row


def _line(row: OutboxDelivery) -> JobLine:
    parked = row.state == State.PARKED
    return JobLine(
        kind=ParkedDeliveries.kind,
        id=row.id,
        organization_id=row.organization_id,
        state=_STATES[State(row.state)],
        progress_permille=None,
        error=row.last_error.strip().splitlines()[-1][:500] if row.last_error.strip() else "",
        created_at=written_at(row.id),
        # Until it is tried, the time of its next try is the dispatcher's business: nothing changed since then.
        updated_at=row.done_at or (min(row.run_at, now()) if row.attempts else written_at(row.id)),
        can_retry=parked,
        can_cancel=parked,
        attempts=row.attempts,
        subject=f"{row.type} for {row.subscriber}",
    )
