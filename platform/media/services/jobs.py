"""Transcode jobs: PostgreSQL is the truth, a lease gives the right to run one, a fence proves it.

A worker that lost its lease can write nothing: every change names the fence it was leased with.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, Max, Min, QuerySet

import tenancy
from core.clock import now
from core.ids import new_id
from events.api import has_room, publish
from media.errors import NothingToRetry, SourceGone
from media.events import StageFailed
from media.models import Revision, TranscodeJob, Upload
from media.selectors import WAITS
from media.services import allowance
from media.transcoding.errors import LeaseLost, TranscodingError
from tenancy.tasks import named

Stage = TranscodeJob.Stage
State = TranscodeJob.State

LEASE = timedelta(seconds=60)
FIRST_STAGES = (Stage.FIRST, Stage.REMUX, Stage.FAST)
# How often a job that waits for room asks again.
WAIT = timedelta(minutes=5)
MAX_ATTEMPTS = 5  # for want of resources
MAX_LOST = 3
_BACKOFF_SECONDS = (5, 30, 120, 600)
_NUDGES = 4  # that may wait in the queue at once
NUDGE_SECONDS = 10  # worth nothing afterwards, so nudges cannot pile up behind a long ladder


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to run one job, as it stood when it was taken."""

    job_id: UUID
    organization_id: UUID
    asset_id: UUID
    upload_id: UUID
    rev_id: UUID
    stage: str
    fence: int

    def row(self) -> QuerySet[TranscodeJob]:
        """The job, as long as the lease is ours."""
        return TranscodeJob.objects.filter(id=self.job_id, fence=self.fence, state=State.LEASED)


def enqueue(*, asset_id: UUID, upload_id: UUID, stage: str) -> None:
    """Ask for a stage of the bound organization's upload, once; call inside the transaction that makes it due."""
    TranscodeJob.objects.bulk_create(
        [
            TranscodeJob(
                id=new_id(),
                organization_id=tenancy.current().id,
                asset_id=asset_id,
                upload_id=upload_id,
                stage=stage,
            )
        ],
        ignore_conflicts=True,
    )
    transaction.on_commit(nudge, robust=True)


def nudge() -> None:
    """Tell an idle worker that something is due. Whoever hears it works until nothing is, so a few are enough.

    One organization that hands in thousands of films must not fill the queue: the dispatcher asks again anyway.
    """
    if has_room("media", most=_NUDGES):
        named("media.tasks.work").apply_async(expires=NUDGE_SECONDS)


def claim(stages: Collection[str]) -> Lease | None:
    """Take the next due job of one of ``stages``, or None. Must run on the platform.

    First stages of anyone go before ladders of anyone. Between organizations: whoever has the fewest jobs running,
    then whoever was served longest ago. Of one organization the oldest goes first.
    """
    due = TranscodeJob.objects.filter(state=State.QUEUED, run_at__lte=now(), stage__in=list(stages))
    for heavy in (False, True):
        lane = due.filter(stage=Stage.LADDER) if heavy else due.exclude(stage=Stage.LADDER)
        for organization_id in _in_turn(lane):
            lease = _take(lane.filter(organization_id=organization_id).order_by("created_at")[:3])
            if lease is not None:
                return lease
    return None


def _in_turn(lane: QuerySet[TranscodeJob]) -> list[UUID]:
    waiting = dict(lane.values_list("organization_id").annotate(oldest=Min("created_at")))
    if len(waiting) < 2:
        return list(waiting)
    theirs = TranscodeJob.objects.filter(organization_id__in=list(waiting))
    served = dict(theirs.values_list("organization_id").annotate(at=Max("leased_at")))
    running = dict(theirs.filter(state=State.LEASED).values_list("organization_id").annotate(n=Count("id")))
    long_ago = min(waiting.values()) - timedelta(days=3650)
    return sorted(waiting, key=lambda found: (running.get(found, 0), served.get(found) or long_ago, waiting[found]))


def _take(candidates: QuerySet[TranscodeJob]) -> Lease | None:
    for job in candidates:
        at, rev_id = now(), new_id()
        # Whoever else saw the same row loses here: the fence moves with the state.
        taken = TranscodeJob.objects.filter(id=job.id, state=State.QUEUED, fence=job.fence).update(
            state=State.LEASED,
            fence=job.fence + 1,
            attempt=job.attempt + 1,
            rev_id=rev_id,
            leased_at=at,
            lease_until=at + LEASE,
            progress_permille=0,
            eta_seconds=None,
        )
        if taken:
            return Lease(job.id, job.organization_id, job.asset_id, job.upload_id, rev_id, job.stage, job.fence + 1)
    return None


def put_back(lease: Lease, *, seconds: float) -> None:
    """Give a job up without counting it as a try: it can't be run here and now."""
    lease.row().update(state=State.QUEUED, lease_until=None, run_at=now() + timedelta(seconds=seconds))


def wait(lease: Lease, *, code: str, title: str, detail: str) -> None:
    """Put a job off until there may be room for it, and say why. It is no try, however long it waits."""
    lease.row().update(
        state=State.QUEUED,
        attempt=F("attempt") - 1,
        lease_until=None,
        run_at=now() + WAIT,
        error_code=code,
        error_title=title[:200],
        error_detail=detail,
        error_kind=WAITS,
    )


def heartbeat(lease: Lease, *, permille: int, eta_seconds: int | None) -> bool:
    """Say how far the work is and hold on to the lease. False: it is lost."""
    return bool(lease.row().update(progress_permille=permille, eta_seconds=eta_seconds, lease_until=now() + LEASE))


def hand_over(lease: Lease) -> bool:
    """Let the lease have no end of its own: whoever the job was handed to is watched instead. False: it is lost."""
    return bool(lease.row().update(lease_until=None, progress_permille=0, eta_seconds=None))


def choose_stage(lease: Lease, stage: str) -> Lease:
    """Name what the first stage turned out to be, with a revision of its own.

    Raises:
        LeaseLost: someone else has the job by now.
    """
    chosen = replace(lease, stage=stage, rev_id=new_id())
    if not lease.row().update(stage=stage, rev_id=chosen.rev_id):
        raise LeaseLost
    return chosen


def fail(lease: Lease, error: TranscodingError, *, announce: bool = True) -> None:
    """End a try: input errors end the job, shortages put it back with a growing pause, five of them end it too.

    ``announce`` False where the caller tells the failure itself.
    """
    with transaction.atomic():
        job = lease.row().select_for_update(of=("self",)).first()
        if job is None:
            return
        _forget_building(job)
        if error.kind == "resource" and job.attempt < MAX_ATTEMPTS:
            pause = _BACKOFF_SECONDS[min(job.attempt, len(_BACKOFF_SECONDS)) - 1]
            lease.row().update(
                state=State.QUEUED, lease_until=None, run_at=now() + timedelta(seconds=pause), **_words(error)
            )
            return
        lease.row().update(state=State.FAILED, lease_until=None, finished_at=now(), eta_seconds=None, **_words(error))
        # What was published while it grew and will never be whole is no film to hand out.
        Revision.objects.filter(job_id=job.id, state=Revision.State.PUBLISHED, is_growing=True).update(
            state=Revision.State.FAILED, ended_at=now()
        )
        allowance.release(job.upload_id)
        if announce:
            publish(_failed(job, error))


def expire_leases() -> int:
    """Put back jobs whose worker stopped saying anything; give up what was lost too often. Runs on the platform."""
    due = list(TranscodeJob.objects.filter(state=State.LEASED, lease_until__lt=now())[:100])
    for job in due:
        expired = TranscodeJob.objects.filter(id=job.id, fence=job.fence, state=State.LEASED, lease_until__lt=now())
        if job.lost + 1 <= MAX_LOST:
            # The fence moves: should the worker still live, it writes nothing any more.
            taken = expired.update(
                state=State.QUEUED, fence=job.fence + 1, lost=job.lost + 1, lease_until=None, run_at=now(), attempt=0
            )
            if taken:  # else its worker has just said something: what it builds is alive
                _forget_building(job)
            continue
        error = _LostTooOften()
        with tenancy.bind(job.organization_id), transaction.atomic():
            given_up = expired.update(state=State.FAILED, lease_until=None, finished_at=now(), **_words(error))
            if given_up:
                allowance.release(job.upload_id)
                publish(_failed(job, error))
        if given_up:
            _forget_building(job)
    return len(due)


def has_due(stages: Collection[str] = tuple(Stage.values)) -> bool:
    """Whether anything waits to be claimed. Must run on the platform."""
    return TranscodeJob.objects.filter(state=State.QUEUED, run_at__lte=now(), stage__in=list(stages)).exists()


@transaction.atomic
def retry(asset_id: UUID) -> None:
    """Run again what failed last for an asset of the bound organization.

    Raises:
        SourceGone: the upload was refused and its file deleted.
        NothingToRetry: nothing failed.
    """
    upload = Upload.objects.filter(asset_id=asset_id).order_by("-created_at").first()
    if upload is None or upload.state != Upload.State.RECEIVED or upload.source_deleted_at:
        raise SourceGone
    last = TranscodeJob.objects.filter(upload_id=upload.id).order_by("-created_at").first()
    if last is None or last.state != State.FAILED:
        raise NothingToRetry
    enqueue(
        asset_id=asset_id,
        upload_id=upload.id,
        stage=Stage.LADDER if last.stage == Stage.LADDER else Stage.FIRST,
    )


class _LostTooOften(TranscodingError):
    kind = "lost"

    def __init__(self) -> None:
        super().__init__("internal")


def _failed(job: TranscodeJob, error: TranscodingError) -> StageFailed:
    return StageFailed(
        asset=job.asset_id,
        upload=job.upload_id,
        stage=job.stage,
        code=error.code,
        title=error.title,
        detail=error.detail,
        retryable=True,
    )


def _words(error: TranscodingError) -> dict[str, str]:
    return {
        "error_code": error.code,
        "error_title": error.title[:200],
        "error_detail": error.detail,
        "error_kind": error.kind,
    }


def _forget_building(job: TranscodeJob) -> None:
    """What the lost worker had begun is nobody's any more; the purge takes its objects."""
    Revision.objects.filter(job_id=job.id, state=Revision.State.BUILDING).update(
        state=Revision.State.FAILED, ended_at=now()
    )
