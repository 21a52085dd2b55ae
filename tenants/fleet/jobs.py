"""Releases under way, as the staff console's jobs: a line an organization, and a line a data step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from core.clock import now
from core.errors import DomainError, NotFound
from core.jobs import JobLine, JobState
from tenants.fleet import desk
from tenants.models import DataStepRun, SchemaLedger

# Both ledgers use the same words; nothing of them is ever cancelled.
_STATES: dict[JobState, tuple[str, ...]] = {
    "waiting": ("pending",),
    "running": ("running",),
    "failed": ("failed",),
    "done": ("done",),
    "cancelled": (),
}
_UNDER_WAY = ("pending", "running", "failed")
_WORDS: dict[str, JobState] = {"pending": "waiting", "running": "running", "failed": "failed", "done": "done"}


class NothingToRetry(DomainError):
    """It has not failed."""

    code = "nothing_to_retry"
    title = "There is nothing here that could begin again"
    status = 409


class Schemas:
    """Implements :class:`core.jobs.JobSource`: organizations on their way to a release."""

    kind = "schema_release"
    label = "Schema releases"

    def lines(self, *, state: JobState | None, organization_id: UUID | None, limit: int) -> Sequence[JobLine]:
        """Return the newest. Organizations that were made on their release were never on their way."""
        rows = _chosen(SchemaLedger.objects.exclude(ring=""), state, organization_id)
        return [self._line(row) for row in rows.order_by("-started_at", "-id")[:limit]]

    def retry(self, job_id: UUID, *, reason: str) -> JobLine:
        """Try one organization again.

        Raises:
            NotFound: there is no such job. DomainError: it has not failed, or its release is not the newest.
        """
        row = SchemaLedger.objects.filter(id=job_id).first()
        if row is None:
            raise NotFound
        desk.retry(row.release_id, organization_id=row.organization_id)
        return self._line(SchemaLedger.objects.get(id=job_id))

    def cancel(self, job_id: UUID, *, reason: str) -> JobLine:
        """Refuse: an organization cannot stay behind.

        Raises:
            NothingToRetry: always.
        """
        raise NothingToRetry("An organization can't stay behind. Pause the release instead.")

    def _line(self, row: SchemaLedger) -> JobLine:
        return _line(self.kind, row, f"Release {row.release_id}", progress=1000 if row.state == "done" else 0)


class DataSteps:
    """Implements :class:`core.jobs.JobSource`: what a release rewrites in each organization."""

    kind = "data_step"
    label = "Data steps of releases"

    def lines(self, *, state: JobState | None, organization_id: UUID | None, limit: int) -> Sequence[JobLine]:
        """Return the newest."""
        rows = _chosen(DataStepRun.objects.all(), state, organization_id)
        return [self._line(row) for row in rows.order_by("-started_at", "-id")[:limit]]

    def retry(self, job_id: UUID, *, reason: str) -> JobLine:
        """Go on from the last batch that was done.

        Raises:
            NotFound: there is no such job. NothingToRetry: it has not failed.
        """
        row = DataStepRun.objects.select_for_update().filter(id=job_id).first()
        if row is None:
            raise NotFound
        if row.state != DataStepRun.State.FAILED:
            raise NothingToRetry
        row.state, row.attempt, row.run_at, row.finished_at = DataStepRun.State.PENDING, 0, now(), None
        row.save(update_fields=["state", "attempt", "run_at", "finished_at"])
        return self._line(row)

    def cancel(self, job_id: UUID, *, reason: str) -> JobLine:
        """Refuse: the code that comes next relies on it.

        Raises:
            NothingToRetry: always.
        """
        raise NothingToRetry("A data step can't be given up: the next release relies on it.")

    def _line(self, row: DataStepRun) -> JobLine:
        return _line(self.kind, row, f"Release {row.release_id}: {row.name}, {row.rows} rows", progress=None)


def _chosen(rows: Any, state: JobState | None, organization_id: UUID | None) -> Any:
    rows = rows.filter(state__in=_STATES[state] if state else _UNDER_WAY)
    return rows if organization_id is None else rows.filter(organization_id=organization_id)


def _line(kind: str, row: Any, subject: str, *, progress: int | None) -> JobLine:
    begun = row.started_at or row.run_at or row.release.recorded_at
    return JobLine(
        kind=kind,
        id=row.id,
        organization_id=row.organization_id,
        state=_WORDS[row.state],
        progress_permille=progress,
        error=row.error.strip()[:500] if row.state == "failed" else "",
        created_at=begun,
        updated_at=row.finished_at or begun,
        can_retry=row.state == "failed",
        attempts=row.attempt,
        subject=subject,
    )
