"""Billing's part in making an organization."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from billing.accounts import open_account
from billing.meters import COUNTED
from billing.models import BillingAccount, Override, Quota, Reservation, Subscription


class Organization(Protocol):
    """What this step needs to know of an organization."""

    id: UUID


class OpenQuota:
    """The organization is on trial: nothing is asked of it, and nobody else is asked for anything."""

    name = "quota"
    label = "Your trial"

    def is_done(self, organization: Organization) -> bool:
        mine = {"organization_id": organization.id}
        counted = Quota.objects.filter(**mine, meter__in=COUNTED).count()
        return counted == len(COUNTED) and Subscription.objects.filter(**mine).exists()

    def run(self, organization: Organization) -> None:
        open_account(organization.id)

    def undo(self, organization: Organization) -> None:
        for model in (Reservation, Quota, Override, Subscription, BillingAccount):
            model.objects.filter(organization_id=organization.id).delete()
