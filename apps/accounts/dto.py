"""Plain data that crosses into other packages."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class MemberCard:
    """What other apps show of a member. ``email`` is None once the member is anonymised."""

    id: UUID
    name: str
    email: str | None
    is_active: bool
