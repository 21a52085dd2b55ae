"""Who works on which job: PostgreSQL is the truth, a lease gives the right, a fence proves it.

A worker that was killed leaves its lease to run out; whoever takes over begins behind the finished parts.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import F, Q

from core.clock import now
from core.errors import DomainError
from core.telemetry import tracebacks
from tenants.archive.errors import LeaseLost
from tenants.models import DeletionReport, ExportJob, Move, RestoreJob

_log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
# A job that was handed to a worker is handed out again after this: the message, or the worker, was lost.
HAND_OUT_AGAIN = timedelta(seconds=90)
BEAT_SECONDS = 2.0
MAX_ATTEMPTS = 5
_REST_SECONDS = (5, 30, 120, 600)

Job = TypeVar("Job", ExportJob, RestoreJob, DeletionReport, Move)
KINDS: dict[str, type[ExportJob | RestoreJob | DeletionReport | Move]] = {
    "export": ExportJob,
    "restore": RestoreJob,
    "deletion": DeletionReport,
    "move": Move,
}
# States in which a worker has something to do.
OPEN = ("queued", "running", "swapping", "discarding", "dropping", "aborting")


def take_due(*, limit: int = 4) -> list[tuple[str, UUID]]:
    """Return (kind, job) of what waits for a worker, each once in ``HAND_OUT_AGAIN``. Must run on the platform."""
    moment, due = now(), []
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=moment)
    for kind, model in KINDS.items():
        waiting = model.objects.filter(free, state__in=OPEN, run_at__lte=moment).order_by("run_at")
        for job_id in list(waiting.values_list("id", flat=True)[:limit]):
            if model.objects.filter(id=job_id, run_at__lte=moment).update(run_at=moment + HAND_OUT_AGAIN):
                due.append((kind, job_id))
    return due


def claim(model: type[Job], job_id: UUID) -> Job | None:
    """Take the job, or return None where somebody has it or nothing is left to do. Must run on the platform."""
    moment = now()
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=moment)
    taken = model.objects.filter(free, id=job_id, state__in=OPEN).update(
        fence=F("fence") + 1, attempts=F("attempts") + 1, lease_until=moment + LEASE, updated_at=moment
    )
    return model.objects.select_related("organization").get(id=job_id) if taken else None


class Hold:
    """A claimed job. Every write goes through here and ends in LeaseLost once somebody else has it."""

    def __init__(self, job: Any) -> None:
        self.job = job
        self._beat_at = 0.0

    def write(self, **changes: Any) -> None:
        """Change the job's row, keep the lease.

        Raises:
            LeaseLost: somebody else has the job.
        """
        moment = now()
        lease = None if changes.get("finished_at") else moment + LEASE
        changes = {"lease_until": lease, "updated_at": moment, **changes}
        mine = type(self.job).objects.filter(id=self.job.id, fence=self.job.fence)
        if not mine.update(**changes):
            raise LeaseLost
        for name, value in changes.items():
            setattr(self.job, name, value)

    def beat(self, permille: int | None = None) -> None:
        """Say that work goes on, at most every two seconds."""
        if time.monotonic() - self._beat_at < BEAT_SECONDS:
            return
        self._beat_at = time.monotonic()
        self.write(**({} if permille is None else {"progress_permille": max(0, min(999, permille))}))


def run(model: type[Job], job_id: UUID, work: Callable[[Hold], None]) -> bool:
    """Claim and do one job; return whether there was one. What fails rests and comes again, five times at most."""
    job = claim(model, job_id)
    if job is None:
        return False
    hold = Hold(job)
    if job.attempts > MAX_ATTEMPTS:
        _give_up(hold, "lost_too_often", "The work was begun five times and never came to an end.")
        return True
    try:
        work(hold)
    except LeaseLost:
        _log.warning("archive.lease_lost", extra={"job_id": str(job_id)})
    except DomainError as refused:
        if refused.status >= 500:
            _rest(hold, refused.code, refused.detail)
        else:
            _give_up(hold, refused.code, refused.detail)
    except Exception as failed:  # noqa: BLE001 - whatever went wrong is recorded and tried again
        _log.exception("archive.job_failed", extra={"job_id": str(job_id), "kind": model.__name__})
        _rest(hold, "internal", tracebacks.text_of(failed)[-4000:])
    return True


def _rest(hold: Hold, code: str, detail: str) -> None:
    if hold.job.attempts >= MAX_ATTEMPTS:
        _give_up(hold, code, detail)
        return
    pause = timedelta(seconds=_REST_SECONDS[min(hold.job.attempts, len(_REST_SECONDS)) - 1])
    _quietly(hold, lease_until=None, run_at=now() + pause, error_code=code, error_detail=detail)


def _give_up(hold: Hold, code: str, detail: str) -> None:
    _quietly(hold, state="failed", lease_until=None, finished_at=now(), error_code=code, error_detail=detail)


def _quietly(hold: Hold, **changes: Any) -> None:
    try:
        hold.write(**changes)
    except LeaseLost:
        _log.warning("archive.lease_lost", extra={"job_id": str(hold.job.id)})
