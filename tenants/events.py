"""Facts about organizations, told to the organizations they are about: ids and values, never mail addresses."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

from events.base import DomainEvent


@dataclass(frozen=True)
class OrganizationStateChanged(DomainEvent):
    """The organization moved from one state of its life to another; ``event`` is what moved it (``suspend``, …)."""

    type: ClassVar[str] = "lms.tenants.organization.state_changed.v1"

    organization_id: UUID
    transition_id: UUID
    event: str
    from_state: str
    to_state: str
    reason: str = ""


@dataclass(frozen=True)
class OrganizationRestored(DomainEvent):
    """An archive's schema took the place of the organization's; whatever is counted of it must be counted anew."""

    type: ClassVar[str] = "lms.tenants.organization.restored.v1"

    organization_id: UUID
    restore_id: UUID


@dataclass(frozen=True)
class OrganizationActed(DomainEvent):
    """Something was done to the organization outside its own schema; its own audit keeps it.

    ``actor_name`` is only given for staff, whose rows the organization can't read.
    """

    type: ClassVar[str] = "lms.tenants.organization.acted.v1"

    action: str
    object_type: str
    object_id: UUID | None
    occurred_at: str
    changes: dict[str, Any] = field(default_factory=dict)
    label: str | None = None
    actor_kind: str = "system"
    actor_id: UUID | None = None
    actor_name: str = ""
    on_behalf_of: UUID | None = None
    support_grant: UUID | None = None
    request_id: str = ""
    ip: str = ""
    via: str = ""


@dataclass(frozen=True)
class DomainTrouble(DomainEvent):
    """A custom domain's records are gone (``disabled`` false: for less than a week). ``address`` is the way in."""

    type: ClassVar[str] = "lms.tenants.domain.trouble.v1"

    domain_id: UUID
    host: str
    address: str
    disabled: bool
    records: list[str] = field(default_factory=list)
