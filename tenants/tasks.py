"""The provisioner's doors. Its worker alone holds the login that may create schemas and roles."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from tenancy.tasks import PlatformTask
from tenants.archive.tasks import work as work_on_archives
from tenants.lifecycle import notices
from tenants.provisioning import engine, pool

__all__ = ["provision", "refill_pool", "send_notices", "work_on_archives"]


@shared_task(base=PlatformTask)
def provision(organization_id: str) -> None:
    """Bring an organization to active. Safe to run twice."""
    engine.provision(UUID(organization_id))


# Mail needs no right to make schemas, so it does not wait behind the provisioner's work.
@shared_task(base=PlatformTask, queue="default")
def send_notices() -> None:
    """Send the mails about transitions that are due. Safe to run any number of times at once."""
    notices.send_due()


@shared_task(base=PlatformTask)
def refill_pool() -> None:
    """Build the warm schemas that are missing."""
    pool.refill()
