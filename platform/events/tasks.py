"""The relay's doors in the worker."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from events import carrier, delivery
from events.admission import Claimed
from events.lanes import LANES
from tenancy.tasks import PlatformTask, TenantTask


@shared_task(base=PlatformTask, bind=True)
def carry(self: PlatformTask, lane: str, rows: list[tuple[str, int, str]]) -> None:
    """Do a handful of what a lane holds: (organization, generation, row) each. Safe to run twice."""
    claimed = [Claimed(UUID(organization), generation, UUID(row)) for organization, generation, row in rows]
    carrier.carry(LANES[lane], claimed, self)


@shared_task(base=TenantTask)
def deliver(delivery_id: str) -> None:
    """Run one delivery. Safe to run twice."""
    delivery.deliver(UUID(delivery_id))
