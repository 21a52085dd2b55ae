"""What an organization is called. Its address is another matter: tenants.domains."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from core.clock import now
from tenancy import catalog
from tenants import acts
from tenants.errors import UnknownOrganization
from tenants.models import Organization


@transaction.atomic
def rename(organization_id: UUID, name: str) -> Organization:
    """Give the organization another name; pages and mails carry it from now on. Platform only.

    Raises:
        UnknownOrganization: there is none.
    """
    organization = Organization.objects.select_for_update().filter(id=organization_id).first()
    if organization is None:
        raise UnknownOrganization
    before, organization.name = organization.name, " ".join(name.split())
    if organization.name != before:
        organization.updated_at = now()
        organization.save(update_fields=["name", "updated_at"])
        changes = {"name": [before, organization.name]}
        acts.note(organization_id, "organization.name.changed", changes=changes, generation=organization.generation)
        transaction.on_commit(lambda: catalog.announce_change(organization_id), robust=True)
    return organization
