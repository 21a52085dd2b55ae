"""Billing's part in making an organization."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from billing.meters import DEFAULT_LIMITS
from billing.models import Quota, Reservation
from billing.services import open_quotas


class Organization(Protocol):
    """What this step needs to know of an organization."""

    id: UUID


class OpenQuota:
    """The organization may store so much, before it has a plan."""

    name = "quota"
    label = "Your storage"

    def is_done(self, organization: Organization) -> bool:
        return Quota.objects.filter(organization_id=organization.id).count() >= len(DEFAULT_LIMITS)

    def run(self, organization: Organization) -> None:
        open_quotas(organization.id)

    def undo(self, organization: Organization) -> None:
        Reservation.objects.filter(organization_id=organization.id).delete()
        Quota.objects.filter(organization_id=organization.id).delete()
