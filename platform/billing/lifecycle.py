"""Billing's share in an organization's life: how much it stores."""

from __future__ import annotations

from uuid import UUID

from billing.models import Quota
from tenants.api import LifecyclePart


class Storage(LifecyclePart):
    """What is stored stays stored while an organization is paused; only its end takes it."""

    def counts(self, organization_id: UUID) -> dict[str, int]:
        """Return the bytes in use."""
        found = Quota.objects.filter(organization_id=organization_id, meter="storage_bytes").first()
        return {"stored_bytes": found.used} if found else {}
