"""Jobs of every kind in one list, and the two things staff may do with one: start it again, give it up."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from core.jobs import JobLine, JobState, job_sources
from staff import audit
from staff.errors import NoSuchJob

LIMIT = 200


def jobs(
    *, kind: str | None = None, state: JobState | None = None, organization_id: UUID | None = None
) -> list[JobLine]:
    """Return the newest jobs, at most two hundred, of this kind, state and organization where given. Platform only.

    Raises:
        NoSuchJob: there is no such kind.
    """
    sources = job_sources()
    if kind is not None and kind not in sources:
        raise NoSuchJob
    chosen = [sources[kind]] if kind is not None else list(sources.values())
    lines = [
        line for source in chosen for line in source.lines(state=state, organization_id=organization_id, limit=LIMIT)
    ]
    return sorted(lines, key=lambda line: (line.updated_at, line.id), reverse=True)[:LIMIT]


@transaction.atomic
def retry(kind: str, job_id: UUID, *, reason: str, ticket: str) -> JobLine:
    """Let a job begin again, and say why.

    Raises:
        NoSuchJob: there is none. DomainError: it cannot begin again.
    """
    source = job_sources().get(kind)
    if source is None:
        raise NoSuchJob
    line = source.retry(job_id, reason=reason)
    _record("job.retried", line, reason, ticket)
    return line


@transaction.atomic
def cancel(kind: str, job_id: UUID, *, reason: str, ticket: str) -> JobLine:
    """Give a job up, and say why.

    Raises:
        NoSuchJob: there is none. DomainError: it cannot be given up.
    """
    source = job_sources().get(kind)
    if source is None:
        raise NoSuchJob
    line = source.cancel(job_id, reason=reason)
    _record("job.cancelled", line, reason, ticket)
    return line


def _record(action: str, line: JobLine, reason: str, ticket: str) -> None:
    audit.record(
        action,
        organization_id=line.organization_id,
        object_type=f"{line.kind}_job",
        object_id=line.id,
        reason=reason,
        ticket=ticket,
    )
