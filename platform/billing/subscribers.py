"""What billing does about what others told."""

from __future__ import annotations

from billing.gauges import recount_bound
from events.api import subscriber
from tenants.events import OrganizationActed


@subscriber("billing.recount_after_restore", OrganizationActed)
def recount_after_restore(event: OrganizationActed) -> None:
    """Count the people of the schema that a restore has put in place."""
    if event.action == "organization.restored":
        recount_bound()
