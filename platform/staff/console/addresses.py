"""Owners by address: a keyed hash in the shared schema, so that staff who know an address find its organization.

Only whoever can ask with the whole address gets an answer; nothing here can be read back into one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from functools import lru_cache
from uuid import UUID

from django.conf import settings
from django.db import transaction

import tenancy
from apps.accounts import api as accounts
from core.ids import new_id
from staff.models import OwnerAddress

_PURPOSE = b"lms.staff.owner-address|v1"


def digest(email: str) -> str:
    """Return the hash under which an address is kept."""
    return hmac.new(_key(), email.strip().lower().encode(), hashlib.sha256).hexdigest()


def organizations_owned_by(email: str) -> list[UUID]:
    """Return the organizations that somebody with this very address owns. Platform only."""
    rows = OwnerAddress.objects.filter(email_hmac=digest(email))
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


@lru_cache(maxsize=1)
def _key() -> bytes:
    """A key for this one purpose: whoever reads the table and guesses addresses needs it too."""
    return hmac.new(base64.b64decode(settings.KEK), _PURPOSE, hashlib.sha256).digest()
