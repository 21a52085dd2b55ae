"""A person to write to, as one part of the product tells it to another."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Contact:
    """Name, address and language of a member; it outlives the schema it was read from only inside a notice."""

    member_id: UUID
    name: str
    email: str
    locale: str
