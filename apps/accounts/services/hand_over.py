"""The hand-over, on the organization's host: from a sign-up to the studio without a second login."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import tenancy
from apps.accounts import acts
from apps.accounts.models import Member
from core.ids import new_secret
from tenants.api import hand_over_start_url, redeem_hand_over
from tenants.errors import HandOverRefused


@dataclass(frozen=True, slots=True)
class Start:
    """The nonce that this browser keeps in a cookie, and where it goes with the nonce's hash."""

    nonce: str
    location: str


def start() -> Start:
    """Return a new nonce for this browser. Only whoever holds it can redeem the code that the site makes for it."""
    nonce = new_secret()
    return Start(nonce=nonce, location=hand_over_start_url(hashlib.sha256(nonce.encode()).hexdigest()))


def redeem(*, code: str, nonce: str) -> Member:
    """Spend a code; return the owner it signs in.

    Raises:
        HandOverRefused: spent, too old, another organization's or another browser's, or its owner is not active.
    """
    try:
        return _redeemed(code, nonce)
    except HandOverRefused:
        acts.hand_over_refused()
        raise


def _redeemed(code: str, nonce: str) -> Member:
    if not code or not nonce:
        raise HandOverRefused
    email = redeem_hand_over(organization_id=tenancy.current().id, code=code, nonce=nonce).member_email
    member: Member | None = Member.objects.active().filter(email=email.lower()).first()
    if member is None:
        raise HandOverRefused
    return member
