"""What the staff console reads of media, and the transcode jobs in its list. Platform only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q

from core.clock import now
from core.errors import NotFound
from core.jobs import JobLine, JobState
from media.errors import NothingToRetry, SourceGone
from media.models import TranscodeJob, Upload
from media.services import jobs
from media.services.jobs import FIRST_STAGES

State = TranscodeJob.State

_STATES: dict[str, JobState] = {
    State.QUEUED: "waiting",
    State.LEASED: "running",
    State.FAILED: "failed",
    State.DONE: "done",
}
RECENTLY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Transcodes:
    """How the conversion of films stands."""

    waiting: int
    running: int
    failed_24h: int
    oldest_seconds: int


def transcodes() -> Transcodes:
    """Return how the conversion stands over all organizations."""
    moment = now()
    found = TranscodeJob.objects.aggregate(
        waiting=Count("id", filter=Q(state=State.QUEUED)),
        running=Count("id", filter=Q(state=State.LEASED)),
        failed=Count("id", filter=Q(state=State.FAILED, finished_at__gt=moment - RECENTLY)),
    )
    oldest = TranscodeJob.objects.filter(state=State.QUEUED, run_at__lte=moment).order_by("run_at").first()
    waited = int((moment - oldest.run_at).total_seconds()) if oldest else 0
    return Transcodes(found["waiting"], found["running"], found["failed"], waited)


def failed_transcodes(organization_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Return how many conversions of each organization failed within a day; those without one are left out."""
    rows = TranscodeJob.objects.filter(
        organization_id__in=list(organization_ids), state=State.FAILED, finished_at__gt=now() - RECENTLY
    )
    return dict(rows.values_list("organization_id").annotate(n=Count("id")))


class TranscodeJobs:
    """Conversions of films as jobs of the console."""

    kind = "transcode"
    label = "Transcode"

    def lines(self, *, state: JobState | None, organization_id: UUID | None, limit: int) -> Sequence[JobLine]:
        """See :class:`core.jobs.JobSource`."""
        rows = TranscodeJob.objects.all()
        if state is not None:
            rows = rows.filter(state__in=[mine for mine, theirs in _STATES.items() if theirs == state])
        if organization_id is not None:
            rows = rows.filter(organization_id=organization_id)
        found = list(rows.order_by("-created_at", "-id")[:limit])
        there = _with_sources(row.upload_id for row in found)
        return [_line(row, can_retry=row.state == State.FAILED and row.upload_id in there) for row in found]

    def retry(self, job_id: UUID, *, reason: str) -> JobLine:
        """Put a failed conversion back in the queue, with all its tries before it.

        Raises:
            NotFound: there is no such job. NothingToRetry: it did not fail, or a later one took its place.
            SourceGone: the file it was made from is deleted.
        """
        row = TranscodeJob.objects.select_for_update().filter(id=job_id).first()
        if row is None:
            raise NotFound
        if row.state != State.FAILED or _replaced(row):
            raise NothingToRetry
        if row.upload_id not in _with_sources([row.upload_id]):
            raise SourceGone
        # The fence moves: a worker that still holds the old lease writes nothing.
        TranscodeJob.objects.filter(id=row.id).update(
            state=State.QUEUED,
            fence=row.fence + 1,
            attempt=0,
            lost=0,
            lease_until=None,
            finished_at=None,
            rev_id=None,
            progress_permille=0,
            eta_seconds=None,
            run_at=now(),
        )
        transaction.on_commit(jobs.nudge, robust=True)
        row.refresh_from_db()
        return _line(row, can_retry=False)

    def cancel(self, job_id: UUID, *, reason: str) -> JobLine:
        """Conversions are not given up from outside: deleting the film ends them.

        Raises:
            NothingToRetry: always.
        """
        raise NothingToRetry("Delete the film to give its conversion up.")


def _replaced(row: TranscodeJob) -> bool:
    same = Q(stage__in=FIRST_STAGES) if row.stage in FIRST_STAGES else Q(stage=row.stage)
    return TranscodeJob.objects.filter(same, upload_id=row.upload_id, created_at__gt=row.created_at).exists()


def _with_sources(upload_ids: Iterable[UUID]) -> set[UUID]:
    """Return those of the uploads whose file is still there to convert again."""
    kept = Upload.objects.filter(id__in=list(upload_ids), state=Upload.State.RECEIVED, source_deleted_at=None)
    return set(kept.values_list("id", flat=True))


def _line(row: TranscodeJob, *, can_retry: bool) -> JobLine:
    failed = row.state == State.FAILED
    return JobLine(
        kind=TranscodeJobs.kind,
        id=row.id,
        organization_id=row.organization_id,
        state=_STATES[State(row.state)],
        progress_permille=row.progress_permille if row.state == State.LEASED else None,
        error=f"{row.error_title} {row.error_detail}".strip() if failed or row.error_code else "",
        created_at=row.created_at,
        updated_at=row.finished_at or row.leased_at or row.created_at,
        can_retry=can_retry,
        attempts=row.attempt,
        subject=f"{row.stage} of asset {row.asset_id}",
    )
