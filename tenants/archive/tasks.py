"""The archivist's door. Its worker holds the owning login: it reads closed organizations and builds schemas."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from tenancy.tasks import PlatformTask
from tenants.archive import restore, services, workers


@shared_task(base=PlatformTask)
def work(kind: str, job_id: str) -> None:
    """Do one job: an export, a restore or a deletion. Safe to run twice: a lease decides who may."""
    workers.run(kind, UUID(job_id))


@shared_task(base=PlatformTask)
def drop_old(restore_id: str) -> None:
    """Drop the schema that a restore replaced."""
    restore.drop_old(services.restore(UUID(restore_id)))
