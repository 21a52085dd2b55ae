"""Facts of billing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from events.api import DomainEvent


@dataclass(frozen=True)
class EntitlementsChanged(DomainEvent):
    """What the organization has is another than before; ``version`` is the one in force now."""

    type: ClassVar[str] = "lms.billing.entitlements.changed.v1"

    organization_id: UUID
    version: int
