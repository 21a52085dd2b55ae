"""Who acts: the one answer to "may this person do that" below HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class SupportView:
    """Support access to one organization, as the parts of the product that meet it need to know it.

    ``member_id`` is the member whose view it is; None is the organization's own, without anybody's. ``permissions`` is
    the most that it may ever hold, whatever that member may do.
    """

    grant_id: UUID
    staff_id: UUID
    staff_name: str
    member_id: UUID | None
    can_write: bool
    expires_at: datetime
    permissions: frozenset[str]


@dataclass(frozen=True, slots=True)
class Actor:
    """A member of the bound organization with the permissions that their roles give.

    ``support`` says that it is not the member but a person of the platform's staff, with a part of those permissions.
    """

    member_id: UUID
    name: str = ""
    email: str | None = None
    roles: frozenset[str] = field(default_factory=frozenset)
    permissions: frozenset[str] = field(default_factory=frozenset)
    support: SupportView | None = None

    def can(self, permission: str) -> bool:
        """Return whether this actor holds ``permission`` (``"<app>.<verb>"``) in the organization."""
        return permission in self.permissions
