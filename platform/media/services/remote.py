"""Stages that a service encodes elsewhere: written down, placed, heard of, published or called off.

An order is committed before the service is asked. Where the answer is lost, the same order is placed again within the
minute in which the service knows its token, and looked for afterwards: it is made once. What an event says only decides
whether to ask: a job's end is what the service itself says of it. So events may come twice, late or in any order.
"""

from __future__ import annotations

import contextlib
import logging
from dataclasses import asdict
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Greatest

import tenancy
from core.clock import now
from core.errors import NotFound
from media import prefixes
from media.aws import mediaconvert, mediaconvert_job
from media.aws.mediaconvert import Said, ServiceAway, ServiceRefused
from media.aws.mediaconvert_job import Account, Order, suits
from media.errors import StorageUnavailable
from media.models import RemoteJob, Revision, TranscodeJob
from media.services import gather, jobs, revisions
from media.services.jobs import Lease
from media.transcoding.encoder import Cost
from media.transcoding.errors import (
    InputRejected,
    LeaseLost,
    NeverEnded,
    ResourceShortage,
    TranscodingError,
    span_words,
)
from media.transcoding.probe import Probe
from tenancy.errors import TenantUnavailable

__all__ = ["fold", "forget_ended", "hand_over", "has_open", "hear", "is_known", "suits", "sweep"]

_log = logging.getLogger(__name__)

State = RemoteJob.State

SILENT = timedelta(minutes=15)
# How soon somebody looks again at what did not go through.
AGAIN = timedelta(minutes=2)
# What an order may take before it is given up, for its turn in the service's queue; the film's own time comes on top
# (settings.MEDIACONVERT_PATIENCE).
TURN = timedelta(hours=2)
KEPT = timedelta(days=30)
AT_ONCE = 50
_OPEN = (State.ASKED, State.ACCEPTED, State.RUNNING, State.COMPLETE)
_UNDER_WAY = (State.ACCEPTED, State.RUNNING)
# What is waited for at the service; a complete one waits for us.
_WAITED_FOR = (State.ASKED, *_UNDER_WAY)


def hand_over(lease: Lease, facts: Probe, *, source_key: str) -> None:
    """Place the order for a stage whose revision has begun; from now on the lease is held by it.

    Raises:
        LeaseLost: someone else has the job; nothing was ordered.
    """
    order = _order(lease, facts, source_key)
    account = Account(settings.MEDIACONVERT_ROLE, settings.MEDIACONVERT_QUEUE, settings.MEDIACONVERT_KMS_KEY)
    row = RemoteJob(
        organization_id=lease.organization_id,
        asset_id=lease.asset_id,
        upload_id=lease.upload_id,
        job_id=lease.job_id,
        rev_id=lease.rev_id,
        stage=lease.stage,
        fence=lease.fence,
        token=order.token,
        request=mediaconvert_job.request(order, account),
        renditions=[asdict(variant) for variant in mediaconvert_job.variants(order)],
        duration_ms=facts.duration_ms,
        look_at=now() + AGAIN,
    )
    with transaction.atomic():
        if not jobs.hand_over(lease):
            raise LeaseLost
        RemoteJob.objects.bulk_create([row])
    _place(row)


def is_known(remote_id: str) -> bool | None:
    """Whether the service's job is one of ours; None where one of ours may still be waiting for its name.

    Must run on the platform.
    """
    if RemoteJob.objects.filter(remote_id=remote_id).exists():
        return True
    return None if RemoteJob.objects.filter(state=State.ASKED).exists() else False


def hear(remote_id: str, status: str, percent: int | None) -> None:
    """Take an event: keep how far the job is, or ask the service how it ended. Must run on the platform.

    Raises:
        ServiceAway: it ended, and the service does not say how. Whoever brought the event brings it again.
    """
    row = RemoteJob.objects.filter(remote_id=remote_id).first()
    if row is None or row.state not in _UNDER_WAY:
        return
    if status in ("PROGRESSING", "STATUS_UPDATE", "INPUT_INFORMATION"):
        _advance(row, percent)
        return
    said = mediaconvert.get(remote_id)
    if said is not None:
        fold(row.id, said)


def fold(row_id: UUID, said: Said) -> None:
    """Take what the service itself says of a job. Safe to repeat; what has ended changes no more. Platform only."""
    row = RemoteJob.objects.get(id=row_id)
    if row.state not in _UNDER_WAY:
        return
    if not said.is_final:
        _advance(row, said.percent)
        return
    if said.status == "COMPLETE":
        if _move(row, _UNDER_WAY, State.COMPLETE, look_at=now() + AGAIN, heard_at=now()):
            settle(row.id)
        return
    what = State.FAILED if said.status == "ERROR" else State.GIVEN_UP
    error: TranscodingError = ResourceShortage("internal")
    if said.error_code in mediaconvert.INPUT_ERRORS:
        error = InputRejected("unreadable")
    _log.warning(
        "media.remote_failed",
        extra={"job": str(row.job_id), "remote": row.remote_id, "status": said.status, "code": said.error_code},
    )
    _fail(row, what, error, code=said.error_code, message=said.error_message)


def settle(row_id: UUID) -> None:
    """Publish what a complete job made. Safe to repeat; what can't be done now the sweep does. Platform only."""
    row = RemoteJob.objects.filter(id=row_id, state=State.COMPLETE).first()
    if row is None:
        return
    lease = _lease(row)
    try:
        with tenancy.bind(row.organization_id) as tenant:
            if not tenant.is_active or tenancy.is_frozen():
                return
            try:
                made = gather.gather(row)
                with transaction.atomic():
                    revisions.finish(lease, made, Cost(), duration_ms=row.duration_ms)
                    _end(row, (State.COMPLETE,), State.PUBLISHED)
            except LeaseLost:
                _end(row, (State.COMPLETE,), State.GIVEN_UP)
            except StorageUnavailable:
                _log.warning("media.remote_unsettled", extra={"job": str(row.job_id)})
                return
            except TranscodingError as error:
                _fail_bound(row, State.FAILED, error)
    except TenantUnavailable:
        return  # suspended, or on its way to another cell: as long as it is here, the sweep comes back
    except NotFound:
        _end(row, (State.COMPLETE,), State.GIVEN_UP)


def sweep() -> int:
    """Look after orders that nobody else looks after; return how many. Must run on the platform.

    Lost answers are asked for again, silent jobs are asked after, complete ones published. Called off are jobs whose
    lease went to somebody else, as with a deleted film, and those that take longer than they ever should.
    """
    looked = 0
    for row in _due():
        if not _take(row):
            continue
        looked += 1
        try:
            _look(row)
        except ServiceAway as error:
            _log.warning("media.remote_away", extra={"job": str(row.job_id), "reason": str(error)[:200]})
        except Exception:  # noqa: BLE001 - one that breaks keeps nobody from those behind it
            _log.exception("media.remote_broke", extra={"job": str(row.job_id)})
    return looked


def forget_ended() -> int:
    """Forget orders that ended a month ago. Must run on the platform."""
    return RemoteJob.objects.filter(ended_at__lt=now() - KEPT).delete()[0]


def has_open() -> bool:
    """Whether anything is being encoded elsewhere. Must run on the platform."""
    return RemoteJob.objects.filter(ended_at__isnull=True).exists()


def _due() -> list[RemoteJob]:
    """Return what is to be looked at."""
    moment = now()
    ours = TranscodeJob.objects.filter(state=TranscodeJob.State.LEASED, lease_until__isnull=True)
    held = {(job_id, fence) for job_id, fence in ours.values_list("id", "fence")}
    opened: QuerySet[RemoteJob] = RemoteJob.objects.filter(ended_at__isnull=True)
    urgent = [
        row.id
        for row in opened.only("id", "job_id", "fence", "state", "asked_at", "duration_ms")
        if (row.job_id, row.fence) not in held or _is_overdue(row)
    ]
    waiting = Q(state__in=(State.ASKED, State.COMPLETE)) | Q(state__in=_UNDER_WAY, heard_at__lt=moment - SILENT)
    rows = opened.filter(Q(id__in=urgent) | waiting, look_at__lte=moment).order_by("look_at")[:AT_ONCE]
    return list(rows)


def _take(row: RemoteJob) -> bool:
    """Take a row by moving its time on, just before it is looked at; return whether it is ours to look at.

    A look takes less than :data:`AGAIN`, though the service be slow: so no two sweeps look at one row.
    """
    as_read = RemoteJob.objects.filter(id=row.id, state=row.state, look_at=row.look_at)
    return bool(as_read.update(look_at=now() + AGAIN))


def _look(row: RemoteJob) -> None:
    if not _lease(row).row().exists():
        _call_off(row)
    elif _is_overdue(row):
        _give_up(row)
    elif row.state == State.ASKED:
        _ask_again(row)
    elif row.state == State.COMPLETE:
        settle(row.id)
    else:
        said = mediaconvert.get(row.remote_id)
        if said is None:
            _fail(row, State.FAILED, ResourceShortage("lost"), message="The service knows no such job.")
            return
        RemoteJob.objects.filter(id=row.id).update(heard_at=now())
        fold(row.id, said)


def _patience(duration_ms: int) -> timedelta:
    """Return how long an order for a film of this length may take, its turn in the service's queue included."""
    return TURN + timedelta(milliseconds=duration_ms) * settings.MEDIACONVERT_PATIENCE


def _is_overdue(row: RemoteJob) -> bool:
    return row.state in _WAITED_FOR and now() - row.asked_at > _patience(row.duration_ms)


def _give_up(row: RemoteJob) -> None:
    """Wait no longer: the author is told and may try again, and the service is told to stop.

    The service is asked once more how it stands, for its last word may have got lost. Then the try ends, and with it
    the lease: whoever dies behind that leaves an order that nobody holds, which the next sweep calls off.
    """
    said = (
        mediaconvert.get(row.remote_id)
        if row.remote_id
        else mediaconvert.find(source_url=_source_url(row), token=row.token)
    )
    if said is not None and not row.remote_id and not _name(row, said):
        return  # another look was faster: the order goes by another name
    if said is not None and said.is_final:
        fold(row.id, said)
        return
    spent = span_words((now() - row.asked_at).total_seconds())
    try:
        with tenancy.bind(row.organization_id):
            if tenancy.is_frozen():
                return
            with transaction.atomic():
                RemoteJob.objects.filter(id=row.id, state__in=_WAITED_FOR).update(
                    error_message=f"Given up after {spent}; the service said {said.status if said else 'nothing'}."
                )
                jobs.fail(_lease(row), NeverEnded("never_ended", limit=spent))
    except TenantUnavailable:
        return  # as in settle
    except NotFound:
        pass  # the organization is gone: there is nobody to tell
    _log.warning(
        "media.remote_given_up",
        extra={"job": str(row.job_id), "remote": row.remote_id, "stage": row.stage, "after": spent},
    )
    _call_off(row)


def _call_off(row: RemoteJob) -> None:
    """The lease is somebody else's, or nobody's: what is encoded for it is of no use."""
    if not row.remote_id:
        said = mediaconvert.find(source_url=_source_url(row), token=row.token)
        if said is not None:
            _name(row, said)
    if row.remote_id:
        mediaconvert.cancel(row.remote_id)
    if _end(row, _OPEN, State.GIVEN_UP):
        # Marked only now: what a job under way still writes must be there for the purge to find.
        Revision.objects.filter(id=row.rev_id, state=Revision.State.BUILDING).update(
            state=Revision.State.FAILED, ended_at=now()
        )


def _ask_again(row: RemoteJob) -> None:
    said = mediaconvert.find(source_url=_source_url(row), token=row.token)
    if said is None:
        _place(row)
        return
    _log.info("media.remote_found_again", extra={"job": str(row.job_id), "remote": said.remote_id})
    if _name(row, said):
        fold(row.id, said)


def _place(row: RemoteJob) -> None:
    """Ask the service for the job. What it does not answer stays asked for: the sweep looks."""
    told = {"job": str(row.job_id), "asset": str(row.asset_id), "stage": row.stage}
    try:
        said = mediaconvert.create(row.request)
    except ServiceAway as error:
        _log.warning("media.remote_away", extra={**told, "reason": str(error)[:200]})
        return
    except ServiceRefused as error:
        _log.error("media.remote_refused", extra={**told, "reason": str(error)[:500]})
        _fail(row, State.FAILED, ResourceShortage("internal"), message=str(error))
        return
    _name(row, said)
    _log.info("media.remote_placed", extra={**told, "remote": said.remote_id})


def _name(row: RemoteJob, said: Said) -> bool:
    """Note what the service calls the job; return whether the order is under way by that name.

    Any other is called off: one that was given up while the call was under way, or the second of an order that was
    placed twice. Both would write the same files, and be paid.
    """
    if _move(row, (State.ASKED,), State.ACCEPTED, remote_id=said.remote_id, heard_at=now()):
        row.remote_id = said.remote_id
        return True
    there = RemoteJob.objects.filter(id=row.id).first()
    row.remote_id = there.remote_id if there is not None else ""
    if there is not None and there.ended_at is None and there.remote_id == said.remote_id:
        return True
    _log.warning("media.remote_second", extra={"job": str(row.job_id), "remote": said.remote_id})
    with contextlib.suppress(ServiceAway):
        mediaconvert.cancel(said.remote_id)
    return False


def _advance(row: RemoteJob, percent: int | None) -> None:
    """Keep the furthest that was heard of: events come in any order."""
    permille = min(999, max(0, (percent or 0) * 10))
    moved = RemoteJob.objects.filter(id=row.id, state__in=_UNDER_WAY).update(
        state=State.RUNNING, heard_at=now(), permille=Greatest(F("permille"), permille)
    )
    if moved:
        _lease(row).row().update(progress_permille=Greatest(F("progress_permille"), permille))


def _fail(row: RemoteJob, what: str, error: TranscodingError, *, code: int | None = None, message: str = "") -> None:
    """End an order and the try it was for, in one transaction, as the organization's."""
    try:
        with tenancy.bind(row.organization_id):
            _fail_bound(row, what, error, code=code, message=message)
    except TenantUnavailable:
        return  # as in settle
    except NotFound:
        _end(row, _OPEN, State.GIVEN_UP)


def _fail_bound(
    row: RemoteJob, what: str, error: TranscodingError, *, code: int | None = None, message: str = ""
) -> None:
    with transaction.atomic():
        if _end(row, _OPEN, what, error_code=code, error_message=message[:2000]):
            jobs.fail(_lease(row), error)


def _end(row: RemoteJob, sources: tuple[str, ...], target: str, **changes: object) -> bool:
    return _move(row, sources, target, ended_at=now(), **changes)


def _move(row: RemoteJob, sources: tuple[str, ...], target: str, **changes: object) -> bool:
    return bool(RemoteJob.objects.filter(id=row.id, state__in=sources).update(state=target, **changes))


def _lease(row: RemoteJob) -> Lease:
    return Lease(row.job_id, row.organization_id, row.asset_id, row.upload_id, row.rev_id, row.stage, row.fence)


def _order(lease: Lease, facts: Probe, source_key: str) -> Order:
    bucket = urlsplit(settings.S3_URL).path.strip("/")
    target = prefixes.revision_prefix(lease.organization_id, lease.asset_id, lease.rev_id)
    return Order(
        stage=lease.stage,
        facts=facts,
        source_url=f"s3://{bucket}/{source_key}",
        target_url=f"s3://{bucket}/{target}",
        organization_id=lease.organization_id,
        asset_id=lease.asset_id,
        rev_id=lease.rev_id,
    )


def _source_url(row: RemoteJob) -> str:
    found: str = row.request["Settings"]["Inputs"][0]["FileInput"]
    return found
