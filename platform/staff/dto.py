"""Plain data of the staff console."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from core.actor import Actor


@dataclass(frozen=True, slots=True)
class StaffActor(Actor):
    """A signed-in person of the staff: ``request.actor`` on the staff host. ``member_id`` holds the account's id."""

    session_id: UUID | None = None

    @property
    def staff_id(self) -> UUID:
        """The account's id."""
        return self.member_id
