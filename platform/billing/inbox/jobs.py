"""Events that failed too often, in the staff's list of jobs."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid5

from django.db.models import QuerySet

from billing.inbox import intake, looking
from billing.models import StripeEvent
from billing.selectors import customers_of, whose
from core.errors import NotFound
from core.jobs import JobLine, JobState

State = StripeEvent.State
_STATES: dict[str, JobState] = {State.PARKED: "failed", State.NEW: "waiting", State.IGNORED: "cancelled"}
_IDS = UUID("5f0f4f0e-52a5-5d86-8a0b-0d3a0b2f6c55")


def job_id(event_id: str) -> UUID:
    """Return an event's id as jobs have them."""
    return uuid5(_IDS, event_id)


class ParkedEvents:
    """Events from Stripe that nobody could look into."""

    kind = "stripe_event"
    label = "Stripe event"

    def lines(self, *, state: JobState | None, organization_id: UUID | None, limit: int) -> Sequence[JobLine]:
        """See :class:`core.jobs.JobSource`. Only what needs somebody is listed: the rest is done in seconds."""
        if state not in (None, "failed"):
            return []
        rows = _parked()
        if organization_id is not None:
            rows = rows.filter(customer__in=customers_of(organization_id))
        found = list(rows.order_by("-run_at")[:limit])
        owners = whose(row.customer for row in found)
        return [_line(row, owners.get(row.customer)) for row in found]

    def retry(self, job_id: UUID, *, reason: str) -> JobLine:
        """Look into an event again.

        Raises:
            NotFound: no parked event has this id.
        """
        row = _row(job_id)
        looking.retry(row.id)
        intake.nudge_on_commit()
        row.refresh_from_db()
        return _line(row, None)

    def cancel(self, job_id: UUID, *, reason: str) -> JobLine:
        """Leave an event alone: what it was about is looked at by the daily comparison all the same.

        Raises:
            NotFound: no parked event has this id.
        """
        row = _row(job_id)
        StripeEvent.objects.filter(id=row.id, state=State.PARKED).update(state=State.IGNORED)
        row.refresh_from_db()
        return _line(row, None)


def _parked() -> QuerySet[StripeEvent]:
    return StripeEvent.objects.filter(state=State.PARKED).defer("payload")


def _row(wanted: UUID) -> StripeEvent:
    # Few are ever parked: their ids are not kept in both forms.
    found = next((row for row in _parked() if job_id(row.id) == wanted), None)
    if found is None:
        raise NotFound
    return found


def _line(row: StripeEvent, organization_id: UUID | None) -> JobLine:
    return JobLine(
        kind=ParkedEvents.kind,
        id=job_id(row.id),
        organization_id=organization_id,
        state=_STATES.get(row.state, "done"),
        progress_permille=None,
        error=row.error,
        created_at=row.received_at,
        updated_at=row.run_at,
        can_retry=row.state == State.PARKED,
        can_cancel=row.state == State.PARKED,
        attempts=row.attempts,
        subject=f"{row.type} {row.id}",
    )
