"""Media's periodic work, run by the dispatcher on the shared schema."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings

import tenancy
from core.clock import now
from core.errors import NotFound
from events.api import duty, has_room
from media import tasks
from media.edge import template_writer
from media.edge.registry import CLOUDFRONT, rows_edge
from media.models import Upload
from media.services import cdn_logs, delivery, hosts, jobs, playback, reconcile, remote, revisions, scratch, uploads

_QUEUE = "default"  # where everything of media goes that is no encoding: it must not wait behind a long ladder
_MOST_WAITING = 50
_SOON_SECONDS = 10  # worth nothing afterwards: another follows


@duty("media.nudge_workers", period_seconds=2)
def nudge_workers() -> None:
    """Put back what dead workers held, and tell the living that something is due: a nudge by Redis may get lost."""
    jobs.expire_leases()
    if jobs.has_due():
        jobs.nudge()


@duty("media.take_remote_events", period_seconds=5)
def take_remote_events() -> bool:
    """Let a worker take MediaConvert's events; the dispatcher waits for nobody outside."""
    if not _is_remote() or not has_room(_QUEUE, most=_MOST_WAITING):
        return False
    tasks.take_remote_events.apply_async(expires=_SOON_SECONDS)
    return True


@duty("media.sweep_remote", period_seconds=60)
def sweep_remote() -> bool:
    """Let a worker look after orders of which nothing was heard, or whose film is gone."""
    if not _is_remote() or not has_room(_QUEUE, most=_MOST_WAITING):
        return False
    tasks.sweep_remote.apply_async(expires=60)
    return True


@duty("media.tidy_keys", period_seconds=60)
def tidy_keys() -> None:
    """Drop keys whose signatures have ended and revocations nobody needs; rotate keys that have signed for 90 days."""
    rows_edge().tidy()


@duty("media.settle_edge", period_seconds=20)
def settle_edge() -> None:
    """Give newcomers a place, and have a worker make CloudFront hold what the rows say.

    Its API takes seconds to answer, and minutes to be done.
    """
    rows_edge().take_in()
    if settings.MEDIA_EDGE == CLOUDFRONT and has_room(_QUEUE, most=_MOST_WAITING):
        tasks.settle_edge.delay()


@duty("media.tell_ended_grants", period_seconds=5)
def tell_ended_grants() -> None:
    """Have CloudFront's function refuse grants that were ended: within a minute is what was promised."""
    if (
        settings.MEDIA_EDGE == CLOUDFRONT
        and settings.CLOUDFRONT_TEMPLATE
        and template_writer.has_untold()
        and has_room(_QUEUE, most=_MOST_WAITING)
    ):
        tasks.tell_ended_grants.apply_async(expires=_SOON_SECONDS)


@duty("media.compare_hosts", period_seconds=60)
def compare_hosts() -> None:
    """An organization is told at once where its hosts change; this mends what a crash kept from being told."""
    hosts.compare()


@duty("media.count_delivered", period_seconds=5)
def count_delivered() -> int:
    """Count what the front door has sent since the last time."""
    return delivery.count_all()


@duty("media.count_cdn_logs", period_seconds=60)
def count_cdn_logs() -> bool:
    """Let a worker count what a CDN has sent, by the log files in its bucket."""
    if not cdn_logs.is_configured() or not has_room(_QUEUE, most=_MOST_WAITING):
        return False
    tasks.count_cdn_logs.apply_async(expires=60)
    return True


@duty("media.sweep_uploads", period_seconds=30)
def sweep_uploads() -> None:
    """Finish completions that were interrupted; give up what is past its time."""
    if not has_room(_QUEUE, most=_MOST_WAITING):
        return  # what was sent before still waits there
    for organization_id, upload_id, state in uploads.due_for_sweep():
        task = tasks.resume_completing if state == Upload.State.COMPLETING else tasks.expire_upload
        _send(organization_id, task, upload_id)


@duty("media.compare_storage", period_seconds=60)
def compare_storage() -> int:
    """Let workers compare the bytes of the organizations whose minute it is with the bucket, each once a day."""
    if not has_room(_QUEUE, most=_MOST_WAITING):
        return 0
    found = reconcile.due(now())
    for organization_id in found:
        tasks.compare_storage.delay(str(organization_id))
    return len(found)


@duty("media.purge_revisions", period_seconds=600)
def purge_revisions() -> None:
    """Delete the objects of encodes that ended two days ago."""
    if not has_room(_QUEUE, most=_MOST_WAITING):
        return
    for organization_id, rev_id in revisions.due_for_purge():
        _send(organization_id, tasks.purge_revision, rev_id)


@duty("media.purge_sessions", period_seconds=3600)
def purge_sessions() -> None:
    """Forget playback sessions of last quarter, and what dead workers left on this machine's disk."""
    playback.purge()
    remote.forget_ended()
    scratch.sweep()


def _is_remote() -> bool:
    """Whether films are encoded elsewhere, or still are after a change of mind."""
    return settings.TRANSCODER == "mediaconvert" or remote.has_open()


def _send(organization_id: UUID, task: Any, row_id: UUID) -> None:
    try:
        with tenancy.bind(organization_id):
            task.delay(str(row_id))
    except NotFound:
        return  # the organization is gone; its deletion takes its objects along
