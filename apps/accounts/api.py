"""What other packages may use of accounts."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import get_token

from apps.accounts.console import HeadCount, PersonLine, head_count, people_lines
from apps.accounts.contacts import owner_contacts
from apps.accounts.dto import MemberCard
from apps.accounts.factors.policy import SecondFactor
from apps.accounts.mails import invitation as invitation_parts
from apps.accounts.models import Role
from apps.accounts.selectors import cards, member_with_email, member_with_id
from apps.accounts.services.members import note_seen
from apps.accounts.sessions import Principal, principal_of
from apps.accounts.usage import first_invited_at, joined_by_month, seen_lately
from core.clock import iso

__all__ = [
    "HeadCount",
    "MemberCard",
    "PersonLine",
    "Role",
    "cards",
    "csrf",
    "describe",
    "first_invited_at",
    "forget",
    "head_count",
    "invitation_parts",
    "joined_by_month",
    "me",
    "member_with_email",
    "member_with_id",
    "owner_contacts",
    "people_lines",
    "second_factor",
    "seen_lately",
]


def me(request: HttpRequest) -> dict[str, Any] | None:
    """Return who is signed in, as ``GET /me/`` says it, or None."""
    found = principal_of(request)
    if found is None:
        return None
    if found.actor.support is None:  # the member was not here
        note_seen(found.member)
    return describe(found)


def csrf(request: HttpRequest) -> str:
    """Return the token that this page's writes send as ``X-CSRFToken``; its cookie goes out with the response."""
    return get_token(request)


def describe(found: Principal) -> dict[str, Any]:
    """Return a principal in the words of the API."""
    member, actor = found.member, found.actor
    return {
        "member": {
            "id": str(member.id),
            "name": member.name,
            "email": member.email,
            "locale": member.locale,
            "zone": member.zone,
        },
        "roles": sorted(actor.roles),
        "permissions": sorted(actor.permissions),
        "second_factor": _standing(found.second_factor),
    }


def second_factor(request: HttpRequest) -> dict[str, Any]:
    """Return where the signed-in member stands with a second factor, in the words of the API."""
    found = principal_of(request)
    return _standing(found.second_factor if found else SecondFactor())


def forget(request: HttpRequest) -> None:
    """Read the member anew within this request: they just changed."""
    request.__dict__.pop("_principal", None)


def _standing(where: SecondFactor) -> dict[str, Any]:
    return {"state": where.state, "due_at": iso(where.due_at) if where.due_at else None}
