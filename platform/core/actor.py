"""Who acts: the one answer to "may this person do that" below HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Actor:
    """A member of the bound organization with the permissions that their roles give."""

    member_id: UUID
    name: str = ""
    email: str | None = None
    roles: frozenset[str] = field(default_factory=frozenset)
    permissions: frozenset[str] = field(default_factory=frozenset)

    def can(self, permission: str) -> bool:
        """Return whether this actor holds ``permission`` (``"<app>.<verb>"``) in the organization."""
        return permission in self.permissions
