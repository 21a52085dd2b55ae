"""What was done to the organization outside its schema, written into its audit in the name of whoever did it.

The message carries ids only, so a member's name is looked up here, where members are.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from apps.accounts.models import Member
from apps.audit.api import record
from core.acting import Acting
from events.api import subscriber
from tenants.events import OrganizationActed


@subscriber("audit.keep_what_was_done_to_the_organization", OrganizationActed)
def keep(event: OrganizationActed) -> None:
    """Write the entry with the time at which it was done."""
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
            name=event.actor_name or (_name(event.actor_id) if event.actor_kind == "member" else ""),
            on_behalf_of=event.on_behalf_of,
            on_behalf_name=_name(event.on_behalf_of),
            support_grant=event.support_grant,
            request_id=event.request_id,
            ip=event.ip,
            via=event.via,
        ),
    )


def _name(member_id: UUID | None) -> str:
    """Return the member's name; nothing for nobody, and for somebody erased since."""
    if member_id is None:
        return ""
    kept = Member.objects.exclude(state=Member.State.ANONYMISED)
    return kept.filter(id=member_id).values_list("name", flat=True).first() or ""
