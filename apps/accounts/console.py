"""What the staff console reads of the bound organization's people: how many, who owns it, and a short list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Max

from apps.accounts.models import Member
from apps.accounts.selectors import people


@dataclass(frozen=True, slots=True)
class HeadCount:
    """Active members, and the day on which any of them was last here."""

    members: int
    last_seen_on: date | None


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A member as staff see them: enough to find somebody who wrote in, nothing of what they learn."""

    id: UUID
    name: str
    email: str | None
    roles: tuple[str, ...]
    state: str
    last_seen_on: date | None


def head_count() -> HeadCount:
    """Count the bound organization's active members."""
    found = Member.objects.active().aggregate(members=Count("id"), seen=Max("last_seen_on"))
    return HeadCount(found["members"], found["seen"])


def people_lines(*, words: str, limit: int) -> list[PersonLine]:
    """Return members by name; ``words`` must all be part of the name or of the e-mail."""
    rows = people(words=words).order_by("name", "id")[:limit]
    return [
        PersonLine(
            row.id,
            row.name,
            row.email,
            tuple(row.role_names),  # type: ignore[attr-defined]  # annotated
            row.state,
            row.last_seen_on,
        )
        for row in rows
    ]
