"""Jobs as the staff console sees them: one line a job, whatever package does the work.

A package with jobs implements :class:`JobSource` and is listed in ``settings.JOB_SOURCES``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Literal, Protocol
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

JobState = Literal["waiting", "running", "failed", "done", "cancelled"]
JOB_STATES: tuple[JobState, ...] = ("waiting", "running", "failed", "done", "cancelled")


@dataclass(frozen=True, slots=True)
class JobLine:
    """One job. ``subject`` says in a few words what it works on; ``error`` why it failed, "" where it did not."""

    kind: str
    id: UUID
    organization_id: UUID | None
    state: JobState
    progress_permille: int | None
    error: str
    created_at: datetime
    updated_at: datetime
    can_retry: bool
    can_cancel: bool = False
    attempts: int = 0
    subject: str = ""


class JobSource(Protocol):
    """The jobs of one kind. Every method runs on the shared schema (``tenancy.platform``) and binds nobody."""

    kind: str
    label: str

    def lines(self, *, state: JobState | None, organization_id: UUID | None, limit: int) -> Sequence[JobLine]:
        """Return the newest jobs (by ``updated_at``), at most ``limit``, of this state and organization if given."""
        ...

    def retry(self, job_id: UUID, *, reason: str) -> JobLine:
        """Let the job begin again, inside the caller's transaction; messages go out after its commit.

        Raises:
            core.errors.NotFound: there is no such job. core.errors.DomainError: it cannot begin again.
        """
        ...

    def cancel(self, job_id: UUID, *, reason: str) -> JobLine:
        """Give the job up, inside the caller's transaction.

        Raises:
            core.errors.NotFound: there is no such job. core.errors.DomainError: it cannot be given up.
        """
        ...


@lru_cache(maxsize=1)
def job_sources() -> dict[str, JobSource]:
    """Return every listed source by its kind."""
    sources: list[JobSource] = [import_string(path)() for path in settings.JOB_SOURCES]
    return {source.kind: source for source in sources}
