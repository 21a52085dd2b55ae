"""The relay's door in the worker."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from events import delivery
from tenancy.tasks import TenantTask


@shared_task(base=TenantTask)
def deliver(delivery_id: str) -> None:
    """Run one delivery. Safe to run twice."""
    delivery.deliver(UUID(delivery_id))
