"""From whom the organization asks a second factor, and until when they may still do without.

Owners and admins, always. An organization may ask authors and instructors too, or every member; it can't ask less.
Whoever is newly asked has :data:`GRACE` to set one up, counted from the day the rule reached them: a fresh owner is
never locked out of the organization they just made. After that they can set one up and do nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from django.db import transaction

from apps.accounts.models import Member, RoleAssignment, SecurityPolicy
from apps.audit.api import record
from core.clock import now

Level = Literal["owners_and_admins", "team", "everyone"]
State = Literal["on", "off", "due", "required"]

LEVELS: tuple[Level, ...] = ("owners_and_admins", "team", "everyone")
GRACE = timedelta(days=7)

_OWNERS_AND_ADMINS = frozenset({"owner", "admin"})
_TEAM = frozenset({"author", "instructor"})


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """Where a member stands: ``on`` has one, ``off`` needs none, ``due`` until ``due_at``, ``required`` now."""

    state: State = "off"
    due_at: datetime | None = None


NOT_ASKED = SecondFactor()


@dataclass(frozen=True, slots=True)
class Rules:
    """Since when the rules beyond owners and admins hold; None: they don't."""

    team_since: datetime | None = None
    everyone_since: datetime | None = None

    @property
    def level(self) -> Level:
        """The widest rule that holds."""
        if self.everyone_since:
            return "everyone"
        return "team" if self.team_since else "owners_and_admins"

    def asked_since(self, roles: Mapping[str, datetime], joined_at: datetime) -> datetime | None:
        """Return since when a member with these roles (and the days they got them) is asked, or None."""
        since = [at for role, at in roles.items() if role in _OWNERS_AND_ADMINS]
        if self.team_since:
            since += [max(at, self.team_since) for role, at in roles.items() if role in _TEAM]
        if self.everyone_since:
            since.append(max(joined_at, self.everyone_since))
        return min(since, default=None)


def standing(rules: Rules, roles: Mapping[str, datetime], joined_at: datetime, *, has_factor: bool) -> SecondFactor:
    """Return where a member stands now."""
    since = rules.asked_since(roles, joined_at)
    if has_factor:
        return SecondFactor("on")
    if since is None:
        return SecondFactor("off")
    due_at = since + GRACE
    return SecondFactor("due" if due_at > now() else "required", due_at)


def rules() -> Rules:
    """Return the bound organization's rules."""
    row = SecurityPolicy.objects.first()
    return Rules(row.team_since, row.everyone_since) if row else Rules()


def covers(member_id: UUID) -> bool:
    """Return whether the member must have a second factor, in grace or not."""
    member = Member.objects.get(id=member_id)
    held = dict(
        RoleAssignment.objects.in_force().of_organization().filter(member=member).values_list("role", "granted_at")
    )
    return rules().asked_since(held, member.created_at) is not None


@transaction.atomic
def set_level(level: Level) -> Rules:
    """Ask a second factor of ``level`` and return the rules. Whom a wider rule newly reaches gets the grace."""
    row, _ = SecurityPolicy.objects.select_for_update().get_or_create(single=True)
    before = Rules(row.team_since, row.everyone_since)
    if level == before.level:
        return before
    if level == "everyone":
        row.everyone_since = now()
    else:
        row.everyone_since = None
        row.team_since = (row.team_since or now()) if level == "team" else None
    row.save()
    record(
        "accounts.security_policy.changed", object_type="organization", changes={"second_factor": [before.level, level]}
    )
    return Rules(row.team_since, row.everyone_since)


def counts(members: Iterable[tuple[Mapping[str, datetime], datetime, bool]], for_rules: Rules) -> dict[str, int]:
    """Return how many are asked under ``for_rules``, and how many of them have a factor."""
    asked = [has for roles, joined_at, has in members if for_rules.asked_since(roles, joined_at) is not None]
    return {"asked": len(asked), "protected": sum(asked)}
