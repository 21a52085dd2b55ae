"""Hand-over: the owner goes from the site host to the organization's host without a second login.

The organization's host first gives the browser a nonce cookie; the site host, which knows the sign-up, makes a code
for that organization and that nonce's hash; the organization's host redeems both together, once, within 60 seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings

import tenancy
from core.clock import now
from core.ids import new_secret
from tenancy.hosts import public_url
from tenants.dto import RedeemedHandOver
from tenants.errors import HandOverRefused, NotReady, SignUpGone
from tenants.models import Domain, HandOver, Organization, SignUp
from tenants.pending import sha256

LIFE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Prepared:
    """The code, and the address that takes it in its fragment, where no log sees it."""

    code: str
    location: str


def prepare(token: str, *, nonce_sha256: str) -> Prepared:
    """Make a code for the organization of the sign-up and the browser that holds the nonce.

    Raises:
        SignUpGone: there is no such sign-up. NotReady: its organization is still being made.
    """
    found = SignUp.objects.select_related("organization").filter(token_sha256=sha256(token)).first()
    if found is None or not found.owner_email:
        raise SignUpGone
    if found.organization.state != Organization.State.ACTIVE:
        raise NotReady
    host = Domain.objects.get(organization=found.organization, is_primary=True).host
    code = new_secret()
    HandOver.objects.create(
        code_sha256=sha256(code),
        nonce_sha256=nonce_sha256,
        organization=found.organization,
        owner_email=found.owner_email,
        expires_at=now() + LIFE,
    )
    return Prepared(code=code, location=public_url(host, f"/hand-over/#{code}"))


def redeem_hand_over(*, organization_id: UUID, code: str, nonce: str) -> RedeemedHandOver:
    """Spend a code on the host of ``organization_id`` in the browser that holds ``nonce``.

    Raises:
        HandOverRefused: spent, older than 60 seconds, another organization's or another browser's.
    """
    with tenancy.platform():
        # One conditional update: of two redemptions at once only one finds the row unused.
        spent = HandOver.objects.filter(
            code_sha256=sha256(code),
            nonce_sha256=sha256(nonce),
            organization_id=organization_id,
            used_at=None,
            expires_at__gt=now(),
        )
        row = spent.first()
        if row is None or not spent.update(used_at=now(), owner_email=""):
            raise HandOverRefused
        SignUp.objects.filter(organization_id=organization_id).update(owner_name="", owner_email="", password_hash="")
        return RedeemedHandOver(member_email=row.owner_email)


def hand_over_start_url(nonce_sha256: str) -> str:
    """Return where the organization's host sends the browser after giving it the nonce cookie."""
    return public_url(settings.SITE_HOST, f"/sign-up/hand-over?n={nonce_sha256}")
