"""The provisioner's doors. Its worker alone holds the login that may create schemas and roles."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from tenancy.tasks import PlatformTask
from tenants.provisioning import engine, pool


@shared_task(base=PlatformTask)
def provision(organization_id: str) -> None:
    """Bring an organization to active. Safe to run twice."""
    engine.provision(UUID(organization_id))


@shared_task(base=PlatformTask)
def refill_pool() -> None:
    """Build the warm schemas that are missing."""
    pool.refill()
