"""Owners by address: a keyed hash in the shared schema, so that staff who know an address find its organization.

Only whoever can ask with the whole address gets an answer; nothing here can be read back into one.
"""

from __future__ import annotations

import hashlib
import hmac
from uuid import UUID

from django.db import transaction

import tenancy
from apps.accounts import api as accounts
from core.ids import new_id
from core.resealing import Tally
from core.sealing import keks
from staff.models import OwnerAddress

_PURPOSE = b"lms.staff.owner-address|v1"


def digest(email: str) -> str:
    """Return the hash under which an address is kept."""
    return _digest(email, keks()[0])


def organizations_owned_by(email: str) -> list[UUID]:
    """Return the organizations that somebody with this very address owns. Platform only."""
    rows = OwnerAddress.objects.filter(email_hmac__in=[_digest(email, kek) for kek in keks()])
    return list(rows.values_list("organization_id", flat=True).distinct())


def follow_owners() -> int:
    """Make the hashes of the bound organization those of its owners now; return how many it has. Safe to repeat."""
    organization_id = tenancy.current().id
    wanted = {owner.member_id: digest(owner.email) for owner in accounts.owner_contacts()}
    with transaction.atomic():
        known = dict(
            OwnerAddress.objects.filter(organization_id=organization_id).values_list("member_id", "email_hmac")
        )
        stale = [member_id for member_id, kept in known.items() if wanted.get(member_id) != kept]
        if stale:
            OwnerAddress.objects.filter(organization_id=organization_id, member_id__in=stale).delete()
        OwnerAddress.objects.bulk_create(
            [
                OwnerAddress(id=new_id(), organization_id=organization_id, member_id=member_id, email_hmac=kept)
                for member_id, kept in wanted.items()
                if known.get(member_id) != kept
            ],
            ignore_conflicts=True,
        )
    return len(wanted)


def reseal(*, write: bool) -> Tally:
    """Make the bound organization's hashes anew where another key than the present one made them; return the tally."""
    kept = OwnerAddress.objects.filter(organization_id=tenancy.current().id).values_list("email_hmac", flat=True)
    wanted = {digest(owner.email) for owner in accounts.owner_contacts()}
    older = sum(one not in wanted for one in kept)
    tally = Tally("hashes of owners' addresses", len(kept) - older, older)
    if write and older:
        follow_owners()
    return tally


def _digest(email: str, kek: bytes) -> str:
    # A key for this one purpose: whoever reads the table and guesses addresses needs it too.
    key = hmac.digest(kek, _PURPOSE, hashlib.sha256)
    return hmac.new(key, email.strip().lower().encode(), hashlib.sha256).hexdigest()
