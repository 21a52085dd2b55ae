"""The way from the staff host to the organization's, and the session there.

The organization's host gives the browser a nonce; the staff host, which knows the staff person, makes a code for that
nonce; the organization's host takes code and nonce together, once, within 60 seconds, and gives a cookie of its own.
No session of a member is made or touched.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils.crypto import constant_time_compare

import tenancy
from core.actor import SupportView
from core.clock import now
from core.ids import new_secret
from staff.models import SupportGrant
from staff.support import policies
from staff.support.errors import CodeRefused, GrantNotFound, NothingToSupport
from staff.support.services import in_force, sha256
from tenancy.hosts import public_url
from tenants.api import load_organization

COOKIE = "__Host-support"
NONCE_COOKIE = "__Host-support-nonce"
CODE_LIFE = timedelta(seconds=60)
NONCE_SECONDS = 600

START_PATH, ENTER_PATH, HAND_OVER_PATH = "/support/start/", "/support/enter/", "/support/hand-over/"


@dataclass(frozen=True, slots=True)
class Entered:
    """A session that began: the cookie's value, and whose view it is."""

    token: str
    grant: SupportGrant


def location_of(grant: SupportGrant) -> str:
    """Return where the staff person's browser goes to use the access."""
    return public_url(load_organization(grant.organization_id).host, f"{START_PATH}?grant={grant.id}")


def begin(grant_id: str) -> tuple[str, str]:
    """Return a new nonce for this browser, and the address on the staff host that makes a code for it."""
    nonce = new_secret()
    return nonce, public_url(settings.STAFF_HOST, f"{HAND_OVER_PATH}?grant={grant_id}&n={sha256(nonce)}")


def make_code(grant_id: UUID, *, staff_id: UUID, nonce_sha256: str) -> str:
    """Make a code for the browser that holds the nonce, and return the address that takes it in its fragment.

    A later code replaces an earlier one. Platform only.

    Raises:
        GrantNotFound: no access of this person is in force. NothingToSupport: the organization serves nobody.
    """
    grant = SupportGrant.objects.filter(in_force(), id=grant_id, staff_id=staff_id).first()
    if grant is None:
        raise GrantNotFound
    record = load_organization(grant.organization_id)
    if not record.is_active:
        raise NothingToSupport
    code = new_secret()
    SupportGrant.objects.filter(in_force(), id=grant.id).update(
        code_sha256=sha256(code), nonce_sha256=nonce_sha256, code_expires_at=now() + CODE_LIFE
    )
    return public_url(record.host, f"{ENTER_PATH}#{code}")


def redeem(*, organization_id: UUID, code: str, nonce: str) -> Entered:
    """Spend a code in the browser that holds its nonce; a session of the same access elsewhere ends.

    Raises:
        CodeRefused: spent, older than 60 seconds, another organization's or another browser's, or the access is over.
    """
    token = new_secret()
    with tenancy.platform():
        # One conditional update: of two redemptions at once only one finds the code.
        spent = SupportGrant.objects.filter(
            in_force(),
            code_sha256=sha256(code),
            nonce_sha256=sha256(nonce),
            organization_id=organization_id,
            code_expires_at__gt=now(),
        )
        grant = spent.select_related("staff").first() if code and nonce else None
        if grant is None:
            raise CodeRefused
        taken = spent.filter(id=grant.id).update(
            code_sha256="", nonce_sha256="", code_expires_at=None, token_sha256=sha256(token)
        )
        if not taken:
            raise CodeRefused
    return Entered(token, grant)


def view_of(token: str, *, organization_id: UUID) -> SupportView | None:
    """Return what the cookie opens on the host of ``organization_id``, read anew each time; None where nothing.

    Ended, run out, another organization's, a suspended staff person's: from the next request on it opens nothing.
    """
    hashed = sha256(token)
    with tenancy.platform():
        grant = (
            SupportGrant.objects.select_related("staff")
            .filter(in_force(), token_sha256=hashed, organization_id=organization_id)
            .first()
        )
    if grant is None or not constant_time_compare(grant.token_sha256, hashed):
        return None
    can_write = grant.scope == SupportGrant.Scope.WRITE
    return SupportView(
        grant_id=grant.id,
        staff_id=grant.staff_id,
        staff_name=grant.staff.name,
        member_id=grant.member_id,
        can_write=can_write,
        expires_at=grant.expires_at,
        permissions=policies.permissions(can_write=can_write),
    )
