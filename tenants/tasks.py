"""The provisioner's doors. Its worker alone holds the login that may create schemas and roles."""

from __future__ import annotations

import contextlib
import random
import time
from uuid import UUID

from celery import shared_task

import tenancy
from core.clock import now
from tenancy.tasks import PlatformTask, TenantTask
from tenants.archive.tasks import work as work_on_archives
from tenants.fleet import data_steps, drift, runner, step
from tenants.lifecycle import notices
from tenants.models import SchemaLedger
from tenants.provisioning import engine, pool
from tenants.schema.template import current

__all__ = [
    "bring_along",
    "check_drift",
    "continue_fleet",
    "provision",
    "refill_pool",
    "run_data_step",
    "send_notices",
    "work_on_archives",
]


@shared_task(base=PlatformTask)
def provision(organization_id: str) -> None:
    """Bring an organization to active. Safe to run twice."""
    engine.provision(UUID(organization_id))


@shared_task(base=PlatformTask)
def send_notices() -> None:
    """Send the mails about transitions that are due. Safe to run any number of times at once."""
    notices.send_due()


@shared_task(base=PlatformTask)
def refill_pool() -> None:
    """Build a few of the warm schemas that are missing. The dispatcher asks again."""
    pool.refill()


@shared_task(base=PlatformTask)
def continue_fleet() -> None:
    """Go on with the release of this code where its runner left it. Another runner at work makes this one return."""
    with contextlib.suppress(runner.AlreadyRunning, runner.NotGoingOn):
        runner.run()


@shared_task(base=PlatformTask)
def bring_along(organization_id: str) -> None:
    """Try one organization again, as staff asked, whether or not its release is stopped."""
    release, policy = current().release, step.Policy()
    row = SchemaLedger.objects.filter(
        organization_id=organization_id, release_id=release, state=SchemaLedger.State.PENDING
    ).first()
    if row is None:
        return
    attempt = row.attempt + 1
    SchemaLedger.objects.filter(id=row.id).update(attempt=attempt, started_at=now())
    with tenancy.schema_owner():
        outcome = step.bring(UUID(organization_id), release, attempt, policy, jitter=random.random())  # noqa: S311
    if outcome in ("again", "busy"):
        bring_along.apply_async((organization_id,), countdown=step.BUSY_SECONDS * attempt)


@shared_task(base=PlatformTask)
def check_drift() -> None:
    """Compare every schema with its template and write down what was found."""
    drift.check()


@shared_task(base=TenantTask)
def run_data_step(run_id: str) -> None:
    """Work on a data step for a while. What is left is handed out again."""
    data_steps.work(UUID(run_id), until=time.monotonic() + data_steps.SLICE_SECONDS, clock=time.monotonic)
