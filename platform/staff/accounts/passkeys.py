"""Passkeys (WebAuthn): made and asked for on the staff host only, with the person verified by the device.

The challenge lives in the session that asked for it: another browser's answer fits nothing, and an answer is taken
once.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import webauthn
from django.conf import settings
from django.db import transaction
from webauthn.helpers import base64url_to_bytes, options_to_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from core.clock import now
from staff.errors import LastFactor, PasskeyRefused
from staff.models import Passkey, StaffAccount, StaffSession
from tenancy.hosts import public_url

CHALLENGE_LASTS = timedelta(minutes=5)
_MAKE, _ASK = "make", "ask"


def making_options(session: StaffSession) -> dict[str, Any]:
    """Return what the browser needs to make a passkey for this account."""
    account = session.account
    options = webauthn.generate_registration_options(
        rp_id=settings.STAFF_HOST,
        rp_name="Emerging Tech LMS staff",
        user_id=account.id.bytes,
        user_name=account.email,
        user_display_name=account.name,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=_known(account),
    )
    _remember(session, _MAKE, options.challenge)
    return _json(options)


def make(session: StaffSession, *, name: str, credential: dict[str, Any]) -> Passkey:
    """Keep the passkey that the browser made for the session's challenge.

    Raises:
        PasskeyRefused: it answers another challenge or host, or the device did not verify the person.
    """
    challenge = _spend(session, _MAKE)
    try:
        made = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=settings.STAFF_HOST,
            expected_origin=public_url(settings.STAFF_HOST, ""),
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as wrong:
        raise PasskeyRefused from wrong
    if Passkey.objects.filter(credential_id=made.credential_id).exists():
        raise PasskeyRefused
    return Passkey.objects.create(
        account=session.account,
        name=name,
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
    )


def asking_options(session: StaffSession) -> dict[str, Any]:
    """Return what the browser needs to ask for one of the account's passkeys."""
    options = webauthn.generate_authentication_options(
        rp_id=settings.STAFF_HOST,
        allow_credentials=_known(session.account),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    _remember(session, _ASK, options.challenge)
    return _json(options)


def verify(session: StaffSession, credential: dict[str, Any]) -> bool:
    """Take a passkey's answer to the session's challenge; return whether it proves the account's person."""
    try:
        challenge = _spend(session, _ASK)
        raw_id = base64url_to_bytes(str(credential.get("rawId") or credential.get("id") or ""))
    except (PasskeyRefused, ValueError):
        return False
    with transaction.atomic():
        key = Passkey.objects.select_for_update().filter(account=session.account_id, credential_id=raw_id).first()
        if key is None:
            return False
        try:
            answer = webauthn.verify_authentication_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=settings.STAFF_HOST,
                expected_origin=public_url(settings.STAFF_HOST, ""),
                credential_public_key=bytes(key.public_key),
                # A counter that stands still or falls means that somebody holds a copy: the library refuses it.
                credential_current_sign_count=key.sign_count,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError):
            return False
        key.sign_count, key.last_used_at = answer.new_sign_count, now()
        key.save(update_fields=["sign_count", "last_used_at"])
    return True


def remove(account: StaffAccount, passkey_id: UUID) -> bool:
    """Forget a passkey; return whether it was there.

    Raises:
        LastFactor: the account would have none left.
    """
    with transaction.atomic():
        row = StaffAccount.objects.select_for_update().get(id=account.id)
        mine = list(Passkey.objects.filter(account=row).values_list("id", flat=True))
        if passkey_id not in mine:
            return False
        if row.totp_sealed is None and len(mine) == 1:
            raise LastFactor
        Passkey.objects.filter(id=passkey_id).delete()
    return True


def _known(account: StaffAccount) -> list[PublicKeyCredentialDescriptor]:
    rows = Passkey.objects.filter(account=account).values_list("credential_id", flat=True)
    return [PublicKeyCredentialDescriptor(id=bytes(credential_id)) for credential_id in rows]


def _remember(session: StaffSession, purpose: str, challenge: bytes) -> None:
    StaffSession.objects.filter(id=session.id).update(
        challenge=challenge, challenge_for=purpose, challenge_ends_at=now() + CHALLENGE_LASTS
    )


def _spend(session: StaffSession, purpose: str) -> bytes:
    with transaction.atomic():
        row = StaffSession.objects.select_for_update().get(id=session.id)
        challenge = row.challenge
        fits = row.challenge_for == purpose and row.challenge_ends_at is not None and row.challenge_ends_at > now()
        row.challenge, row.challenge_for = None, ""
        row.save(update_fields=["challenge", "challenge_for"])
    if challenge is None or not fits:
        raise PasskeyRefused
    return bytes(challenge)


def _json(options: Any) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(options_to_json(options))
    return decoded
