"""Staff for tests: accounts that are signed in, without walking through the sign-in."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.test import Client

import tenancy
from core.clock import now
from staff.accounts import sessions
from staff.models import StaffAccount

_HERE = sessions.Place(ip="127.0.0.1", user_agent="tests")
_A_DAY = timedelta(days=1)


def account(*roles: str, email: str = "") -> StaffAccount:
    """Return an active account with ``roles``; the same one for the same roles. Binds the platform itself."""
    address = email or f"{'-'.join(roles)}@staff.example"
    with tenancy.platform():
        found, _ = StaffAccount.objects.get_or_create(
            email=address,
            defaults={"name": f"Staff {' and '.join(roles)}", "roles": list(roles), "state": StaffAccount.State.ACTIVE},
        )
    return found


def cookie(*roles: str, lasting: bool = False) -> str:
    """Return the token of a signed-in session; ``lasting`` ones stay in use, and proved, for a day."""
    with tenancy.platform():
        session, _ = sessions.begin(account(*roles), sessions.State.SECOND_FACTOR, _HERE)
        token = sessions.complete(session)
        if lasting:
            session.seen_at = session.proved_at = now() + _A_DAY
            session.ends_at = now() + 2 * _A_DAY
            session.save(update_fields=["seen_at", "proved_at", "ends_at"])
    return token


def half_cookie(email: str, state: str) -> str:
    """Return the token of a session between the factors that lasts a day. Its account has no factor that opens."""
    with tenancy.platform():
        session, token = sessions.begin(account("support", email=email), state, _HERE)
        session.seen_at, session.ends_at = now() + _A_DAY, now() + 2 * _A_DAY
        session.save(update_fields=["seen_at", "ends_at"])
    return token


def browser(*roles: str, proved: bool = True) -> Client:
    """Return a browser on the staff host in which a person with ``roles`` has signed in, just now where ``proved``."""
    client = Client(headers={"host": settings.STAFF_HOST})
    with tenancy.platform():
        session, _ = sessions.begin(account(*roles), sessions.State.SECOND_FACTOR, _HERE)
        token = sessions.complete(session)
        if not proved:
            session.proved_at = now() - 2 * sessions.PROOF_LASTS
            session.save(update_fields=["proved_at"])
    client.cookies[sessions.COOKIE] = token
    return client
