"""Exports, restores and deletions among the jobs of the staff console."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from core.errors import DomainError
from core.jobs import JobLine, JobState
from tenants.archive import services
from tenants.archive.errors import UnknownJob
from tenants.archive.queue import KINDS
from tenants.models import ExportJob

_STATES: dict[str, JobState] = {
    "queued": "waiting",
    "waiting": "waiting",
    "compared": "waiting",
    "running": "running",
    "swapping": "running",
    "discarding": "running",
    "ready": "done",
    "swapped": "done",
    "done": "done",
    "expired": "done",
    "discarded": "cancelled",
    "failed": "failed",
}


class NoCancel(DomainError):
    """What is under way is ended where it is shown: an export by its owner, a restore on its page."""

    code = "job_cannot_be_cancelled"
    title = "This job is ended on the organization's page"


class _Jobs:
    kind: ClassVar[str]
    label: ClassVar[str]
    table: ClassVar[str]

    def lines(self, *, state: JobState | None, organization_id: UUID | None, limit: int) -> Sequence[JobLine]:
        """See :class:`core.jobs.JobSource`."""
        rows: Any = KINDS[self.table].objects.order_by("-updated_at")
        if state is not None:
            rows = rows.filter(state__in=[ours for ours, theirs in _STATES.items() if theirs == state])
        if organization_id is not None:
            rows = rows.filter(organization_id=organization_id)
        return [self._line(row) for row in rows[:limit]]

    def retry(self, job_id: UUID, *, reason: str) -> JobLine:
        """See :class:`core.jobs.JobSource`. It begins where it stopped."""
        return self._line(services.retry(self.table, job_id))

    def cancel(self, job_id: UUID, *, reason: str) -> JobLine:
        """See :class:`core.jobs.JobSource`."""
        raise NoCancel

    def _line(self, row: Any) -> JobLine:
        words = row.error_detail.strip().rpartition("\n")[2] if row.error_code == "internal" else row.error_detail
        return JobLine(
            kind=self.kind,
            id=row.id,
            organization_id=row.organization_id,
            state=_STATES.get(row.state, "waiting"),
            progress_permille=row.progress_permille,
            error=words,
            created_at=row.created_at,
            updated_at=row.updated_at,
            can_retry=row.state == "failed",
            attempts=row.attempts,
            subject=row.stage,
        )


class Exports(_Jobs):
    """Archives being made."""

    kind, label, table = "export", "Exports", "export"

    def cancel(self, job_id: UUID, *, reason: str) -> JobLine:
        """See :class:`core.jobs.JobSource`. What was stored of it is removed after the commit."""
        job = ExportJob.objects.filter(id=job_id).first()
        if job is None:
            raise UnknownJob
        services.remove_export(job.organization_id, job.id)
        job.refresh_from_db()
        return self._line(job)


class Restores(_Jobs):
    """Archives on their way back."""

    kind, label, table = "restore", "Restores", "restore"


class Deletions(_Jobs):
    """Organizations at their end."""

    kind, label, table = "deletion", "Deletions", "deletion"
