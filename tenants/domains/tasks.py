"""Looks at DNS that nobody waits for."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from tenancy.tasks import PlatformTask
from tenants.domains import custom
from tenants.models import Domain


@shared_task(base=PlatformTask)
def check_domain(domain_id: str) -> None:
    """Look at one domain. Safe to run twice."""
    domain = Domain.objects.select_related("organization").filter(id=UUID(domain_id)).first()
    if domain is not None:
        custom.check(domain)
