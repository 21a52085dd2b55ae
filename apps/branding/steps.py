"""Branding's part in making an organization."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

import tenancy
from apps.branding.models import Brand
from apps.branding.services import ensure_brand


class _Organization(Protocol):
    id: UUID


class CreateBrand:
    """Gives the organization a published brand, so that its first page is dressed."""

    name = "brand"
    label = "Dressing your pages"

    def is_done(self, organization: _Organization) -> bool:
        """Return whether the organization has a published brand."""
        with tenancy.bind(organization.id):
            return Brand.objects.filter(state=Brand.State.PUBLISHED).exists()

    def run(self, organization: _Organization) -> None:
        """Publish the default brand. One transaction: it is there whole or not at all."""
        with tenancy.bind(organization.id):
            ensure_brand()

    def undo(self, organization: _Organization) -> None:
        """Leave nothing to do: the row goes with the organization's schema."""
