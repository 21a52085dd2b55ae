"""Media's part in making an organization."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from media.edge.registry import media_edge
from media.models import EdgeBinding, Namespace, SigningKey
from tenants.api import hosts_of


class _Organization(Protocol):
    id: UUID


class CreateNamespace:
    """The organization's prefix in the object store, and the key group that alone may sign for it."""

    name = "media"
    label = "Video storage and signing keys"

    def is_done(self, organization: _Organization) -> bool:
        """Return whether the edge serves the organization, or is being told to: CloudFront takes minutes for it."""
        rows = EdgeBinding.objects.filter(organization_id=organization.id).exclude(state=EdgeBinding.State.REVOKED)
        return rows.exists()

    def run(self, organization: _Organization) -> None:
        """Make prefix, keys and binding in one transaction."""
        media_edge().ensure_tenant(organization.id, hosts_of(organization.id))

    def undo(self, organization: _Organization) -> None:
        """Remove them; nothing was uploaded yet."""
        SigningKey.objects.filter(organization_id=organization.id).delete()
        EdgeBinding.objects.filter(organization_id=organization.id).delete()
        Namespace.objects.filter(organization_id=organization.id).delete()
