"""How allauth's second factors behave here: sealed to their member, named for people, kept while they are needed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from allauth.core import context as allauth_context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.db.models import Q

import tenancy
from apps.accounts.factors import policy
from apps.accounts.models import Member
from core.resealing import Sealed
from core.sealing import SealBroken, renewed_text, seal, unseal

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
_WITH_A_SEED = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)


class MFAAdapter(DefaultMFAAdapter):  # untyped library
    """Factors of one organization's members."""

    def encrypt(self, text: str) -> str:
        """Seal a seed for the member who enrols: whoever is signed in, for nobody enrols for another."""
        return seal_for(allauth_context.request.user.pk, text)

    def decrypt(self, encrypted_text: str) -> str:
        """Open a seed for the member whose row holds it.

        Raises:
            SealBroken: it was sealed for somebody else or elsewhere, or stands in more than one row.
        """
        holders = list(
            Authenticator.objects.filter(Q(data__secret=encrypted_text) | Q(data__seed=encrypted_text)).values_list(
                "user_id", flat=True
            )
        )
        if len(holders) != 1:
            raise SealBroken("A seed stands in one row.")
        return unseal_for(holders[0], encrypted_text)

    def get_totp_issuer(self) -> str:
        """Return the organization's name: what the app shows above the code."""
        return tenancy.current().name

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Return whether the member still has what the organization asks of them without this one."""
        others = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=FACTORS)
        return others.exclude(pk=authenticator.pk).exists() or not policy.covers(authenticator.user_id)

    def generate_authenticator_name(self, user: Member, type: str) -> str:
        """Return a name for a passkey that came without one."""
        made = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return "Passkey" if made == 0 else f"Passkey {made + 1}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Return whom a passkey is made for: this very host, so that it is worth nothing on any other."""
        return {"id": rp_id(), "name": tenancy.current().name}

    def get_public_key_credential_user_entity(self, user: Member) -> dict[str, Any]:
        """Return how the browser's list of passkeys names the member."""
        entity: dict[str, Any] = super().get_public_key_credential_user_entity(user)
        return {**entity, "display_name": user.name, "name": user.email or user.name}


def rp_id() -> str:
    """Return the host of the request without its port."""
    return str(allauth_context.request.get_host()).partition(":")[0].rstrip(".").lower()


def seal_for(member_id: UUID, text: str) -> str:
    """Return ``text`` as it may be stored for this member of the bound organization."""
    return seal(text, _place(member_id))


def unseal_for(member_id: UUID, sealed: str) -> str:
    """Undo :func:`seal_for`.

    Raises:
        SealBroken: it was sealed for another member or in another organization.
    """
    return unseal(sealed, _place(member_id))


def _renew(row: Authenticator) -> bool:
    changed = False
    for name in ("secret", "seed"):
        kept = row.data.get(name) if row.type in _WITH_A_SEED else None
        new = renewed_text(kept, _place(row.user_id)) if kept else None
        if new is not None:
            row.data[name] = new
            changed = True
    return changed


SEALED = Sealed("seeds of members", lambda: Authenticator.objects.filter(type__in=_WITH_A_SEED), _renew, ("data",))


def _place(member_id: UUID) -> bytes:
    return b"lms.accounts.factor|" + tenancy.current().id.bytes + member_id.bytes
