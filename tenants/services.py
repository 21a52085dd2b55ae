"""Use cases of organizations that are not sign-up."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from core.clock import now
from tenancy import catalog
from tenants.models import Organization


def move_state(organization_id: UUID, *, to: str, expected: tuple[str, ...]) -> bool:
    """Move an organization to ``to`` if it is in one of ``expected``; return whether it moved now.

    Being there already is no error: repeating a transition has no effect.
    """
    with transaction.atomic():
        organization = Organization.objects.select_for_update().get(id=organization_id)
        if organization.state not in expected:
            return False
        organization.state = to
        organization.state_version += 1
        organization.updated_at = now()
        organization.save(update_fields=["state", "state_version", "updated_at"])
        transaction.on_commit(lambda: catalog.announce_change(organization_id))
    return True
