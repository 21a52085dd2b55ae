"""Staff for tests: accounts that are signed in, without walking through the sign-in."""

from __future__ import annotations

from django.conf import settings
from django.test import Client

import tenancy
from core.clock import now
from staff.accounts import sessions
from staff.models import StaffAccount


def account(*roles: str, email: str = "") -> StaffAccount:
    """Return an active account with ``roles``; the same one for the same roles. Binds the platform itself."""
    address = email or f"{'-'.join(roles)}@staff.example"
    with tenancy.platform():
        found, _ = StaffAccount.objects.get_or_create(
            email=address,
            defaults={"name": f"Staff {' and '.join(roles)}", "roles": list(roles), "state": StaffAccount.State.ACTIVE},
        )
    return found


def browser(*roles: str, proved: bool = True) -> Client:
    """Return a browser on the staff host in which a person with ``roles`` has signed in, just now where ``proved``."""
    client = Client(headers={"host": settings.STAFF_HOST})
    with tenancy.platform():
        session, _ = sessions.begin(
            account(*roles), sessions.State.SECOND_FACTOR, sessions.Place(ip="127.0.0.1", user_agent="tests")
        )
        token = sessions.complete(session)
        if not proved:
            session.proved_at = now() - 2 * sessions.PROOF_LASTS
            session.save(update_fields=["proved_at"])
    client.cookies[sessions.COOKIE] = token
    return client
