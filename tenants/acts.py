"""Acts outside an organization's schema that its own audit must show: moved domains, exports, a suspension."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from core.acting import current
from core.clock import now
from events.api import publish_for
from tenants.events import OrganizationActed
from tenants.models import Organization


def note(
    organization_id: UUID,
    action: str,
    *,
    object_type: str = "organization",
    object_id: UUID | None = None,
    changes: dict[str, Any] | None = None,
    label: str | None = None,
    generation: int | None = None,
) -> None:
    """Tell the organization's audit of ``action``, in the platform's open transaction.

    ``changes`` maps a field to ``[before, after]``: ids and values. ``generation`` is the organization's where the
    caller has it at hand. The entry is written when the organization may be bound next: at once, or when it is
    reactivated.

    Raises:
        events.api.PublishedOutsideTransaction: no transaction is open.
    """
    if generation is None:
        generation = Organization.objects.values_list("generation", flat=True).get(id=organization_id)
    who = current()
    publish_for(
        organization_id,
        generation,
        OrganizationActed(
            action=action,
            object_type=object_type,
            object_id=object_id or organization_id,
            label=label,
            changes=changes or {},
            occurred_at=now().isoformat(),
            actor_kind=who.kind,
            actor_id=who.id,
            actor_name=who.name if who.kind == "staff" else "",
            on_behalf_of=who.on_behalf_of,
            support_grant=who.support_grant,
            request_id=who.request_id,
            ip=who.ip,
            via=who.via,
        ),
    )
