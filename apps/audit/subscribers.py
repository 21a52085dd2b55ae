"""What was done to the organization outside its schema, written into its audit."""

from __future__ import annotations

from datetime import datetime

from apps.audit.services import record
from core.acting import Acting
from events.api import subscriber
from tenants.events import OrganizationActed


@subscriber("audit.keep_what_was_done_to_the_organization", OrganizationActed)
def keep(event: OrganizationActed) -> None:
    """Write the entry in the name of whoever acted, with the time at which they did."""
    record(
        event.action,
        object_type=event.object_type,
        object_id=event.object_id,
        label=event.label,
        changes=event.changes,
        at=datetime.fromisoformat(event.occurred_at),
        who=Acting(
            kind=event.actor_kind,  # type: ignore[arg-type]  # written by the platform itself
            id=event.actor_id,
            name=event.actor_name,
            on_behalf_of=event.on_behalf_of,
            support_grant=event.support_grant,
            request_id=event.request_id,
            ip=event.ip,
            via=event.via,
        ),
    )
