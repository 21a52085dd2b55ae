"""What billing does about what others told."""

from __future__ import annotations

from billing.gauges import recount_bound
from events.api import subscriber
from tenants.events import OrganizationRestored


@subscriber("billing.recount_after_restore", OrganizationRestored)
def recount_after_restore(event: OrganizationRestored) -> None:
    """Count the people of the schema that a restore has put in place."""
    recount_bound()
