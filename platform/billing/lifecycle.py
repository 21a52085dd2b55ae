"""Billing's share in an organization's life: how much it stores, and that it pays for nothing once it is gone."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from billing.models import Quota
from billing.subscriptions import leaving
from tenants.api import Effect, LifecycleEvent, LifecyclePart


class Storage(LifecyclePart):
    """What is stored stays stored while an organization is paused; only its end takes it."""

    def counts(self, organization_id: UUID) -> dict[str, int]:
        """Return the bytes in use."""
        found = Quota.objects.filter(organization_id=organization_id, meter="storage_bytes").first()
        return {"stored_bytes": found.used} if found else {}


class Paying(LifecyclePart):
    """The subscription: it ends with the organization, and the organization not before it."""

    def effects(self, organization_id: UUID, event: LifecycleEvent) -> Iterable[Effect]:
        """Return what becomes of the plan."""
        return leaving.effects(organization_id, event)

    def moved(self, organization_id: UUID, event: LifecycleEvent) -> None:
        """Write down what Stripe is to be told."""
        if event == LifecycleEvent.ASK_DELETION:
            leaving.asked(organization_id)
        elif event == LifecycleEvent.CANCEL_DELETION:
            leaving.called_off(organization_id)
        elif event == LifecycleEvent.BEGIN_DELETION:
            leaving.begun(organization_id)

    def why_not_yet(self, organization_id: UUID) -> str:
        """Return what Stripe has not ended yet."""
        return leaving.why_not_yet(organization_id)
