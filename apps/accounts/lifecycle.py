"""Accounts' share in an organization's life: whom a pause signs out."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.contrib.sessions.models import Session

from apps.accounts.contacts import owner_contacts
from apps.accounts.models import Member
from core.clock import now
from tenants.api import LifecyclePart


class People(LifecyclePart):
    """Members and their sessions."""

    bound: ClassVar[bool] = True

    def counts(self, organization_id: UUID) -> dict[str, int]:
        """Return how many may sign in, how many sessions they have, and how many owners there are to write to."""
        return {
            "members": Member.objects.active().count(),
            "sessions": Session.objects.filter(expire_date__gt=now()).count(),
            "owners": len(owner_contacts()),
        }
