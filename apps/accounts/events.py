"""Facts of accounts."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from events.api import DomainEvent


@dataclass(frozen=True)
class MemberJoined(DomainEvent):
    """Somebody became a member. ``via`` is ``sign_up``, ``invitation`` or ``import``."""

    type = "lms.accounts.member.joined.v1"

    member_id: UUID
    via: str


@dataclass(frozen=True)
class RolesChanged(DomainEvent):
    """A member holds other roles in the organization than before."""

    type = "lms.accounts.member.roles_changed.v1"

    member_id: UUID
    roles: list[str]
