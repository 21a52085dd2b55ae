"""Signing in and out, as the audit keeps it: who succeeded, whose account was tried, from where."""

from __future__ import annotations

import hashlib
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest

import tenancy
from apps.accounts.models import Member
from apps.audit.api import record
from core import acting

# A guesser fills no audit: of each address this many failures an hour are kept, and the first one of each account.
FAILURES_KEPT_PER_HOUR = 20


def signed_in(sender: Any, request: HttpRequest, user: Member, **_: Any) -> None:
    """Keep that a session began; from here on the request is the member's."""
    who = acting.become(kind="member", id=user.pk, name=user.name)
    with transaction.atomic():
        record("accounts.session.started", object_type="member", object_id=user.pk, label=user.name, who=who)


def signed_out(sender: Any, request: HttpRequest, user: Member | None, **_: Any) -> None:
    """Keep that a member ended their session."""
    if user is None or tenancy.current_or_none() is None:
        return
    who = acting.become(kind="member", id=user.pk, name=user.name)
    with transaction.atomic():
        record("accounts.session.ended", object_type="member", object_id=user.pk, label=user.name, who=who)


def refused(sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """Keep that somebody tried an account with a wrong password. What they typed is kept nowhere."""
    if tenancy.current_or_none() is None:
        return
    email = str(credentials.get("email") or credentials.get("username") or "").strip().lower()
    member = Member.objects.filter(email=email).first() if email else None
    if not _is_kept(acting.current().ip, email):
        return
    with transaction.atomic():
        record(
            "accounts.session.refused",
            object_type="member" if member else "",
            object_id=member.pk if member else None,
            label=member.name if member else None,
        )


def hand_over_refused() -> None:
    """Keep that somebody tried a way in from the sign-up that does not open this organization."""
    if not _is_kept(acting.current().ip, "hand-over"):
        return
    with transaction.atomic():
        record("accounts.hand_over.refused")


def _is_kept(ip: str, email: str) -> bool:
    address = hashlib.sha256(ip.encode()).hexdigest()[:32]
    account = hashlib.sha256(email.encode()).hexdigest()[:32]
    if cache.add(f"audit:refused:{address}:{account}", 1, 3600):
        count = 1
        key = f"audit:refused:{address}"
        if not cache.add(key, 1, 3600):
            try:
                count = cache.incr(key)
            except ValueError:  # it expired in between
                cache.set(key, 1, 3600)
        return count <= FAILURES_KEPT_PER_HOUR
    return False
