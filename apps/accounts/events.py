"""Facts of accounts."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from events.api import DomainEvent


@dataclass(frozen=True)
class MemberJoined(DomainEvent):
    """Somebody became a member. ``via`` is ``sign_up``, ``invitation`` or ``import``.

    ``email_hmac`` here and below is :func:`core.email_index.hmac_of` their address: an address never leaves the schema.
    """

    type = "lms.accounts.member.joined.v1"

    member_id: UUID
    via: str
    email_hmac: str = ""


@dataclass(frozen=True)
class RolesChanged(DomainEvent):
    """A member holds other roles in the organization than before."""

    type = "lms.accounts.member.roles_changed.v1"

    member_id: UUID
    roles: list[str]


@dataclass(frozen=True)
class MemberSuspended(DomainEvent):
    """A member may not sign in until further notice; their sessions ended with it."""

    type = "lms.accounts.member.suspended.v1"

    member_id: UUID
    email_hmac: str = ""


@dataclass(frozen=True)
class MemberRestored(DomainEvent):
    """A suspended member may sign in again."""

    type = "lms.accounts.member.restored.v1"

    member_id: UUID
    email_hmac: str = ""


@dataclass(frozen=True)
class MemberErased(DomainEvent):
    """A member's personal data is gone; the id and what it did stay."""

    type = "lms.accounts.member.erased.v1"

    member_id: UUID
    email_hmac: str = ""


@dataclass(frozen=True)
class EmailChanged(DomainEvent):
    """A member signs in with another address."""

    type = "lms.accounts.member.email_changed.v1"

    member_id: UUID
    email_hmac: str
    previous_email_hmac: str
