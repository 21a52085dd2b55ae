"""The media workers' doors. A nudge: PostgreSQL holds the jobs, and the dispatcher asks again."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from media.edge.registry import settling
from media.services import cdn_logs, reconcile, remote, remote_events, revisions, uploads, worker
from tenancy.tasks import PlatformTask, TenantTask

# What was put or purged while the bucket was listed differs for a moment.
SECOND_LOOK_SECONDS = 300


# Acknowledged at once: a job's lease, not the broker, decides whether it is run again.
@shared_task(base=PlatformTask, acks_late=False)
def work() -> None:
    """Run the transcode jobs that are due. Safe to run any number of times at once."""
    worker.run_due()


@shared_task(base=TenantTask)
def resume_completing(upload_id: str) -> None:
    """Finish an upload's completion that was interrupted. Safe to run twice."""
    uploads.resume_completing(UUID(upload_id))


@shared_task(base=TenantTask)
def expire_upload(upload_id: str) -> None:
    """Give an upload up that nobody finished. Safe to run twice."""
    uploads.expire(UUID(upload_id))


@shared_task(base=TenantTask)
def purge_revision(revision_id: str) -> None:
    """Delete an encode that nobody can be playing any more. Safe to run twice."""
    revisions.purge(UUID(revision_id))


@shared_task(base=PlatformTask, acks_late=False)
def take_remote_events() -> None:
    """Take what MediaConvert's queue holds. Safe to run any number of times at once: each message goes to one."""
    remote_events.drain()


@shared_task(base=PlatformTask, acks_late=False)
def sweep_remote() -> None:
    """Look after orders that nobody else looks after. Safe to run any number of times at once."""
    remote.sweep()


@shared_task(base=PlatformTask, acks_late=False)
def count_cdn_logs() -> None:
    """Count the files of a CDN's logs that were not yet. Safe to run any number of times at once: each counts once."""
    cdn_logs.count_all()


@shared_task(base=PlatformTask, acks_late=False)
def compare_storage(organization_id: str, is_second_look: bool = False) -> None:
    """Compare an organization's ledger with the bucket. What differs is looked at again before it is told."""
    here = reconcile.account_for(UUID(organization_id))
    if here.agrees:
        return
    if is_second_look:
        reconcile.tell(here)
    else:
        compare_storage.apply_async((organization_id, True), countdown=SECOND_LOOK_SECONDS)


@shared_task(base=PlatformTask)
def settle_edge() -> None:
    """Make CloudFront hold what the rows say. Safe to run any number of times at once: one writes a distribution."""
    if (found := settling()) is not None:
        found.settle()


@shared_task(base=PlatformTask)
def tell_ended_grants() -> None:
    """Tell CloudFront's function which grants were ended. Safe to run any number of times at once."""
    if (found := settling()) is not None:
        found.tell_ended()
