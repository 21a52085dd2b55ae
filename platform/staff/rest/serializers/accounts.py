"""Shapes of staff accounts, sessions and factors."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.middleware.csrf import get_token
from rest_framework import serializers

from core.clock import iso
from staff.accounts import recovery, signing_in
from staff.models import Passkey, StaffAccount, StaffSession
from staff.policies import ROLES, permissions_of

METHODS = ("totp", "passkey", "recovery")
SESSION_STATES = ("signed_out", "second_factor", "enrolment", "signed_in")


class SignInIn(serializers.Serializer):
    """Address and password."""

    email = serializers.CharField(max_length=254)
    password = serializers.CharField(max_length=200, trim_whitespace=False)


class CodeIn(serializers.Serializer):
    """A code, with or without its spaces and hyphens."""

    code = serializers.CharField(max_length=40)


class CredentialIn(serializers.Serializer):
    """What ``navigator.credentials`` answered, its bytes in base64url."""

    credential = serializers.JSONField()

    def validate_credential(self, value: Any) -> Any:
        """A credential is an object."""
        if not isinstance(value, dict):
            raise serializers.ValidationError("This is no credential.")
        return value


class PasskeyIn(CredentialIn):
    """A new passkey and what its owner calls it."""

    name = serializers.CharField(max_length=80)


class PasswordIn(serializers.Serializer):
    """A new password."""

    password = serializers.CharField(max_length=200, trim_whitespace=False)


class StaffSelf(serializers.Serializer):
    """The signed-in person."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    email = serializers.CharField()
    roles = serializers.ListField(child=serializers.ChoiceField(choices=ROLES))
    permissions = serializers.ListField(child=serializers.CharField())


class SessionOut(serializers.Serializer):
    """Where this browser stands. ``methods`` are the factors its account has; ``csrf`` is the token for writes.

    ``proof_fresh`` says whether acts that ask for a recent second factor may be done without another one.
    """

    state = serializers.ChoiceField(choices=SESSION_STATES)
    methods = serializers.ListField(child=serializers.ChoiceField(choices=METHODS))
    staff = StaffSelf(allow_null=True)
    proof_fresh = serializers.BooleanField()
    csrf = serializers.CharField()


class TotpStartOut(serializers.Serializer):
    """A seed that waits for its first code: to type, to open, to photograph."""

    secret = serializers.CharField()
    otpauth_url = serializers.CharField()
    qr_svg = serializers.CharField()


class RecoveryCodesOut(serializers.Serializer):
    """Codes shown this once. Empty where a further factor was added: the ones from before still open."""

    recovery_codes = serializers.ListField(child=serializers.CharField())


class PublicKeyOptions(serializers.Serializer):
    """Options for ``navigator.credentials``, its bytes in base64url (WebAuthn Level 3, JSON form)."""

    challenge = serializers.CharField()


class PasskeyOut(serializers.Serializer):
    """One passkey."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True)


class PasskeyMadeOut(PasskeyOut):
    """The passkey that was added; the recovery codes where it is the account's first factor."""

    recovery_codes = serializers.ListField(child=serializers.CharField())


class TotpState(serializers.Serializer):
    """Whether an authenticator app is set up."""

    confirmed = serializers.BooleanField()


class FactorsOut(serializers.Serializer):
    """The account's factors."""

    totp = TotpState()
    passkeys = PasskeyOut(many=True)
    recovery_codes_left = serializers.IntegerField()


class DeviceOut(serializers.Serializer):
    """A browser in which the person is signed in."""

    id = serializers.UUIDField()
    current = serializers.BooleanField()
    user_agent = serializers.CharField()
    ip = serializers.CharField()
    created_at = serializers.DateTimeField()
    last_seen_at = serializers.DateTimeField()


class DeviceList(serializers.Serializer):
    """All of them."""

    items = DeviceOut(many=True)


class SetUpOut(serializers.Serializer):
    """Whose set-up link it is."""

    name = serializers.CharField()
    email = serializers.CharField()


class StaffAccountIn(serializers.Serializer):
    """A new account."""

    email = serializers.EmailField(max_length=254)
    name = serializers.CharField(max_length=120)
    roles = serializers.ListField(child=serializers.ChoiceField(choices=ROLES), min_length=1)


class StaffAccountChange(serializers.Serializer):
    """New roles, or in and out of suspension."""

    roles = serializers.ListField(child=serializers.ChoiceField(choices=ROLES), min_length=1, required=False)
    state = serializers.ChoiceField(choices=["active", "suspended"], required=False)
    reason = serializers.CharField(max_length=2000, required=False, default="")


class StartOverIn(serializers.Serializer):
    """Why."""

    reason = serializers.CharField(max_length=2000)


class StaffAccountOut(serializers.Serializer):
    """An account. ``set_up_url`` is shown once, to whoever made the link."""

    id = serializers.UUIDField()
    email = serializers.CharField()
    name = serializers.CharField()
    roles = serializers.ListField(child=serializers.ChoiceField(choices=ROLES))
    state = serializers.ChoiceField(choices=StaffAccount.State.choices)
    created_at = serializers.DateTimeField()
    last_seen_at = serializers.DateTimeField(allow_null=True)
    set_up_url = serializers.CharField(allow_null=True)


class StaffAccountList(serializers.Serializer):
    """Everybody on the staff."""

    items = StaffAccountOut(many=True)


def session_out(request: HttpRequest, session: StaffSession | None, *, proof_fresh: bool = False) -> dict[str, Any]:
    """Return where the browser stands, as :class:`SessionOut`."""
    person = None
    if session is not None and session.state == StaffSession.State.SIGNED_IN:
        account = session.account
        person = {
            "id": str(account.id),
            "name": account.name,
            "email": account.email,
            "roles": sorted(account.roles),
            "permissions": sorted(permissions_of(frozenset(account.roles))),
        }
    return {
        "state": session.state if session else "signed_out",
        "methods": signing_in.methods_of(session.account) if session else [],
        "staff": person,
        "proof_fresh": proof_fresh,
        "csrf": get_token(request),
    }


def account_out(account: StaffAccount, set_up_url: str | None = None) -> dict[str, Any]:
    """Return an account as :class:`StaffAccountOut`."""
    return {
        "id": str(account.id),
        "email": account.email,
        "name": account.name,
        "roles": sorted(account.roles),
        "state": account.state,
        "created_at": iso(account.created_at),
        "last_seen_at": iso(account.last_sign_in_at) if account.last_sign_in_at else None,
        "set_up_url": set_up_url,
    }


def passkey_out(key: Passkey) -> dict[str, Any]:
    """Return a passkey as :class:`PasskeyOut`."""
    return {
        "id": str(key.id),
        "name": key.name,
        "created_at": iso(key.created_at),
        "last_used_at": iso(key.last_used_at) if key.last_used_at else None,
    }


def factors_out(account: StaffAccount) -> dict[str, Any]:
    """Return an account's factors as :class:`FactorsOut`."""
    return {
        "totp": {"confirmed": account.totp_sealed is not None},
        "passkeys": [passkey_out(key) for key in account.passkeys.order_by("created_at", "id")],
        "recovery_codes_left": recovery.left(account),
    }


def device_out(session: StaffSession, current: StaffSession) -> dict[str, Any]:
    """Return a session as :class:`DeviceOut`."""
    return {
        "id": str(session.id),
        "current": session.id == current.id,
        "user_agent": session.user_agent,
        "ip": session.ip,
        "created_at": iso(session.created_at),
        "last_seen_at": iso(session.seen_at),
    }
