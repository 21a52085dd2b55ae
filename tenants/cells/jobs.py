"""Moves among the jobs of the staff console."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from core.jobs import JobLine, JobState
from tenants.cells import moves
from tenants.cells.errors import UnknownMove
from tenants.models import Move

_STATES: dict[str, JobState] = {
    "queued": "waiting",
    "running": "running",
    "moved": "done",
    "dropping": "running",
    "dropped": "done",
    "aborting": "running",
    "aborted": "cancelled",
    "failed": "failed",
}


class Moves:
    """Organizations on their way to another cell."""

    kind, label = "move", "Moves to another cell"

    def lines(self, *, state: JobState | None, organization_id: UUID | None, limit: int) -> Sequence[JobLine]:
        """See :class:`core.jobs.JobSource`."""
        rows = Move.objects.order_by("-updated_at")
        if state is not None:
            rows = rows.filter(state__in=[ours for ours, theirs in _STATES.items() if theirs == state])
        if organization_id is not None:
            rows = rows.filter(organization_id=organization_id)
        return [_line(row) for row in rows[:limit]]

    def retry(self, job_id: UUID, *, reason: str) -> JobLine:
        """See :class:`core.jobs.JobSource`. It begins again with a freeze of its own."""
        return _line(moves.retry(job_id))

    def cancel(self, job_id: UUID, *, reason: str) -> JobLine:
        """See :class:`core.jobs.JobSource`. The organization is thawed."""
        job = Move.objects.filter(id=job_id).first()
        if job is None:
            raise UnknownMove
        return _line(moves.abort(job.organization_id, reason=reason))


def _line(row: Move) -> JobLine:
    words = row.error_detail.strip().rpartition("\n")[2] if row.error_code == "internal" else row.error_detail
    return JobLine(
        kind=Moves.kind,
        id=row.id,
        organization_id=row.organization_id,
        state=_STATES.get(row.state, "waiting"),
        progress_permille=row.progress_permille,
        error=words,
        created_at=row.created_at,
        updated_at=row.updated_at,
        can_retry=row.state == "failed",
        can_cancel=row.state in moves.UNDER_WAY and row.flipped_at is None,
        attempts=row.attempts,
        subject=f"{row.source} to {row.target}" + (f": {row.stage}" if row.stage else ""),
    )
