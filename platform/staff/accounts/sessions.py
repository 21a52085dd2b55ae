"""Sessions of the staff: a random token in a cookie of the staff host, a row here, and nothing else.

The token changes with every step (password, factor), so what was planted before a step is worth nothing after it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from core.clock import now
from core.http.client import client_ip
from core.ids import new_secret
from staff.dto import StaffActor
from staff.models import StaffAccount, StaffSession
from staff.policies import permissions_of

COOKIE = "__Host-staff"
LIFE = timedelta(hours=12)
IDLE = timedelta(minutes=60)
BETWEEN_FACTORS = timedelta(minutes=15)
PROOF_LASTS = timedelta(minutes=10)
_SEEN_EVERY = timedelta(minutes=1)

State = StaffSession.State


@dataclass(frozen=True, slots=True)
class Place:
    """Where a browser is, as the front door saw it."""

    ip: str
    user_agent: str


def place_of(request: HttpRequest) -> Place:
    """Return the browser's address and name; what the browser claims of its address is not asked."""
    return Place(ip=client_ip(request), user_agent=str(request.META.get("HTTP_USER_AGENT", ""))[:300])


def of_request(request: HttpRequest) -> StaffSession | None:
    """Return the open session of this browser with its account, or None. One statement a request."""
    token = request.COOKIES.get(COOKIE, "")
    if not token:
        return None
    moment = now()
    found = (
        StaffSession.objects.select_related("account")
        .filter(token_sha256=_sha256(token), ended_at=None, ends_at__gt=moment, seen_at__gt=moment - IDLE)
        .exclude(account__state=StaffAccount.State.SUSPENDED)
        .first()
    )
    if found is not None and found.seen_at < moment - _SEEN_EVERY:
        StaffSession.objects.filter(id=found.id).update(seen_at=moment)
        found.seen_at = moment
    return found


def begin(account: StaffAccount, state: str, place: Place) -> tuple[StaffSession, str]:
    """Begin a session between the factors; return it and the token for the cookie."""
    token, moment = new_secret(), now()
    session = StaffSession.objects.create(
        account=account,
        token_sha256=_sha256(token),
        state=state,
        ip=place.ip,
        user_agent=place.user_agent,
        created_at=moment,
        seen_at=moment,
        ends_at=moment + BETWEEN_FACTORS,
    )
    return session, token


def complete(session: StaffSession) -> str:
    """Turn a session into a signed-in one under a new token, which is returned; the old token opens nothing.

    Raises:
        StaffSession.DoesNotExist: it ended meanwhile.
    """
    token, moment = new_secret(), now()
    with transaction.atomic():
        changed = StaffSession.objects.filter(id=session.id, ended_at=None).update(
            token_sha256=_sha256(token),
            state=State.SIGNED_IN,
            proved_at=moment,
            seen_at=moment,
            ends_at=moment + LIFE,
            challenge=None,
        )
        if not changed:
            raise StaffSession.DoesNotExist
        StaffAccount.objects.filter(id=session.account_id).update(last_sign_in_at=moment)
    session.refresh_from_db()
    return token


def note_proof(session: StaffSession) -> None:
    """Remember that a second factor was proved just now."""
    session.proved_at = now()
    StaffSession.objects.filter(id=session.id).update(proved_at=session.proved_at)


def proved_recently(session: StaffSession) -> bool:
    """Return whether a second factor was proved within the last ten minutes."""
    return session.proved_at is not None and session.proved_at > now() - PROOF_LASTS


def end(session_id: UUID, *, account_id: UUID) -> bool:
    """End one session of the account; return whether it was open."""
    return bool(StaffSession.objects.filter(id=session_id, account_id=account_id, ended_at=None).update(ended_at=now()))


def end_all(account_id: UUID, *, but: UUID | None = None) -> int:
    """End every session of the account, or every other one; return how many."""
    open_ones = StaffSession.objects.filter(account_id=account_id, ended_at=None)
    if but is not None:
        open_ones = open_ones.exclude(id=but)
    return open_ones.update(ended_at=now())


def open_of(account_id: UUID) -> list[StaffSession]:
    """Return the account's signed-in sessions, latest first."""
    moment = now()
    return list(
        StaffSession.objects.filter(
            account_id=account_id, state=State.SIGNED_IN, ended_at=None, ends_at__gt=moment, seen_at__gt=moment - IDLE
        ).order_by("-seen_at", "-id")
    )


def purge(*, older_than: timedelta = timedelta(days=30)) -> int:
    """Forget sessions that ended a month ago; return how many."""
    return StaffSession.objects.filter(ends_at__lt=now() - older_than).delete()[0]


def actor_of(session: StaffSession) -> StaffActor:
    """Return the session's person as somebody who acts."""
    account = session.account
    roles = frozenset(account.roles)
    return StaffActor(
        member_id=account.id,
        name=account.name,
        email=account.email,
        roles=roles,
        permissions=permissions_of(roles),
        session_id=session.id,
    )


def set_cookie(response: HttpResponse, token: str) -> None:
    """Hand the browser its token."""
    response.set_cookie(
        COOKIE, token, max_age=int(LIFE.total_seconds()), secure=True, httponly=True, samesite="Strict", path="/"
    )


def drop_cookie(response: HttpResponse) -> None:
    """Take the token away. A plain deletion would lack Secure, which the prefix asks for."""
    response.set_cookie(COOKIE, "", max_age=0, secure=True, httponly=True, samesite="Strict", path="/")


def expires_at(session: StaffSession) -> datetime:
    """Return when the session ends if nobody touches it."""
    return min(session.ends_at, session.seen_at + IDLE)


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
