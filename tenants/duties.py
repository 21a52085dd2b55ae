"""What the dispatcher sees to: sign-ups that stalled, and a full pool."""

from __future__ import annotations

from events.api import duty
from tenants import tasks
from tenants.provisioning import engine, pool

STALLED_SECONDS = 5.0


@duty("tenants.resume_provisioning", period_seconds=2.0)
def resume_provisioning() -> None:
    """Ask again for organizations whose provisioner died. One still at work holds the lock; asking is harmless."""
    for organization_id in engine.stalled(older_than_seconds=STALLED_SECONDS):
        tasks.provision.delay(str(organization_id))


@duty("tenants.refill_pool", period_seconds=5.0)
def refill_pool() -> None:
    """Ask for warm schemas where the pool lacks some."""
    if pool.missing():
        tasks.refill_pool.delay()
