"""Reads of a member's factors, and of how many members have one."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef
from fido2.utils import websafe_decode
from fido2.webauthn import CollectedClientData

from apps.accounts.factors.adapter import FACTORS
from apps.accounts.factors.codes import CODES, left
from apps.accounts.factors.policy import LEVELS, Rules, counts, rules
from apps.accounts.models import Member, RoleAssignment
from core.clock import iso, now


def factors_of(member_id: UUID, *, host: str) -> dict[str, Any]:
    """Return app, passkeys and recovery codes of a member as the API tells them. Opens no seed."""
    found: dict[str, Any] = {"app": None, "passkeys": [], "recovery_codes": None}
    for row in Authenticator.objects.filter(user_id=member_id).order_by("created_at", "pk"):
        if row.type == Authenticator.Type.TOTP:
            found["app"] = {"created_at": iso(row.created_at), "last_used_at": _iso(row.last_used_at)}
        elif row.type == Authenticator.Type.RECOVERY_CODES:
            found["recovery_codes"] = {"total": CODES, "left": left(row), "created_at": iso(row.created_at)}
        else:
            made_for = passkey_host(row)
            found["passkeys"].append(
                {
                    "id": row.pk,
                    "name": row.wrap().name,
                    "host": made_for,
                    "works_here": made_for == host,
                    "created_at": iso(row.created_at),
                    "last_used_at": _iso(row.last_used_at),
                }
            )
    return found


def passkey_host(row: Authenticator) -> str:
    """Return the host that a passkey was made on: it works there and nowhere else."""
    client_data = CollectedClientData(websafe_decode(row.data["credential"]["response"]["clientDataJSON"]))
    return urlsplit(client_data.origin).hostname or ""


def has_factor(outer: str = "pk") -> Exists:
    """Return the annotation that tells whether a member has a second factor."""
    return Exists(Authenticator.objects.filter(user_id=OuterRef(outer), type__in=FACTORS))


def reach() -> list[dict[str, Any]]:
    """Return, for each level, how many active members it asks and how many of them have a factor."""
    held: dict[UUID, dict[str, datetime]] = {}
    assignments = RoleAssignment.objects.in_force().of_organization()
    for member_id, role, granted_at in assignments.values_list("member_id", "role", "granted_at"):
        held.setdefault(member_id, {})[role] = granted_at
    active = Member.objects.active().annotate(protected=has_factor())
    people = [
        (held.get(member_id, {}), joined_at, protected)
        for member_id, joined_at, protected in active.values_list("id", "created_at", "protected").iterator(2000)
    ]
    moment = now()
    would_be = (Rules(), Rules(team_since=moment), Rules(team_since=moment, everyone_since=moment))
    return [{"level": level, **counts(people, for_rules)} for level, for_rules in zip(LEVELS, would_be, strict=True)]


def policy_out(grace_days: int) -> dict[str, Any]:
    """Return the policy as the API tells it."""
    return {"level": rules().level, "grace_days": grace_days, "levels": reach()}


def _iso(at: datetime | None) -> str | None:
    return iso(at) if at else None
