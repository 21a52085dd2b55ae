"""Sessions as their member sees them: where they are signed in, and ending that."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F

from apps.accounts.devices import device_of
from apps.accounts.errors import UnknownSession
from apps.accounts.models import Member
from apps.audit.api import record
from core.clock import now


@dataclass(frozen=True, slots=True)
class DeviceSession:
    """One browser that is signed in. ``ip`` is None where none was seen."""

    id: int
    browser: str
    system: str
    ip: str | None
    created_at: datetime
    last_seen_at: datetime
    current: bool


def sessions_of(member_id: UUID, *, current: str | None) -> list[DeviceSession]:
    """Return where the member is signed in, this browser first, then by last use."""
    live = Session.objects.filter(expire_date__gt=now()).values("session_key")
    rows = UserSession.objects.filter(user_id=member_id, session_key__in=live).order_by("-last_seen_at", "-id")
    found = []
    for row in rows:
        device = device_of(row.user_agent)
        ip = None if row.ip in ("0.0.0.0", "") else row.ip  # noqa: S104 - "no address", not one to bind
        found.append(
            DeviceSession(
                id=row.pk,
                browser=device.browser,
                system=device.system,
                ip=ip,
                created_at=row.created_at,
                last_seen_at=row.last_seen_at,
                current=row.session_key == current,
            )
        )
    return sorted(found, key=lambda session: not session.current)


@transaction.atomic
def end(member: Member, session_id: int) -> None:
    """End one session of the member at once.

    Raises:
        UnknownSession: it is not theirs, or has ended.
    """
    row = UserSession.objects.filter(user_id=member.pk, pk=session_id).first()
    if row is None:
        raise UnknownSession
    _end([row])
    device = device_of(row.user_agent).words
    record(
        "accounts.session.revoked",
        object_type="member",
        object_id=member.pk,
        label=member.name,
        changes={"device": device},
    )


@transaction.atomic
def end_others_of(member: Member, *, keep: str | None) -> int:
    """End every other session because the member asks for it; return how many."""
    ended = end_others(member.pk, keep=keep)
    if ended:
        record(
            "accounts.sessions.revoked",
            object_type="member",
            object_id=member.pk,
            label=member.name,
            changes={"count": ended},
        )
    return ended


@transaction.atomic
def end_others(member_id: UUID, *, keep: str | None) -> int:
    """End every session of the member but the one with the key ``keep``; return how many."""
    rows = UserSession.objects.filter(user_id=member_id)
    return _end(rows.exclude(session_key=keep) if keep else rows)


def end_all(member_id: UUID) -> int:
    """End every session of the member at once, those included that no list knows; return how many it knew."""
    Member.objects.filter(id=member_id).update(session_epoch=F("session_epoch") + 1)
    return end_others(member_id, keep=None)


def moved(old_key: str | None, new_key: str | None) -> None:
    """Keep the list true where a session got another key."""
    UserSession.objects.filter(session_key=old_key).update(session_key=new_key)


def _end(rows: Iterable[UserSession]) -> int:
    found = list(rows)
    Session.objects.filter(session_key__in=[row.session_key for row in found]).delete()
    UserSession.objects.filter(pk__in=[row.pk for row in found]).delete()
    return len(found)
