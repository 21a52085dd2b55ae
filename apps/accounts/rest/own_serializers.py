"""Shapes of a member's own account: profile, security, sessions, change of address."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.accounts.factors.policy import LEVELS
from apps.accounts.services.devices import DeviceSession
from core.clock import iso


class SecondFactorOut(serializers.Serializer):
    """Where the member stands: ``on``, ``off`` (not asked), ``due`` until ``due_at``, ``required`` before all else."""

    state = serializers.ChoiceField(choices=["on", "off", "due", "required"])
    due_at = serializers.DateTimeField(allow_null=True)


class ProfileIn(serializers.Serializer):
    """What a member may say of themselves. ``zone`` is an IANA name."""

    name = serializers.CharField(max_length=200, required=False)
    locale = serializers.RegexField(r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=16, required=False)
    zone = serializers.CharField(max_length=64, required=False)


class AppOut(serializers.Serializer):
    """The authenticator app."""

    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True)


class PasskeyOut(serializers.Serializer):
    """A passkey. It works on ``host`` alone; ``works_here`` says whether that is this address."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    host = serializers.CharField()
    works_here = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True)


class RecoveryCodesOut(serializers.Serializer):
    """How many recovery codes there were, and how many still work."""

    total = serializers.IntegerField()
    left = serializers.IntegerField()
    created_at = serializers.DateTimeField()


class SecurityOut(serializers.Serializer):
    """How the member signs in. ``recently_confirmed``: changes need no new proof of identity right now."""

    second_factor = SecondFactorOut()
    level = serializers.ChoiceField(choices=LEVELS)
    has_password = serializers.BooleanField()
    app = AppOut(allow_null=True)
    passkeys = PasskeyOut(many=True)
    recovery_codes = RecoveryCodesOut(allow_null=True)
    host = serializers.CharField()
    recently_confirmed = serializers.BooleanField()


class SessionOut(serializers.Serializer):
    """A browser that is signed in. ``ip`` is the address last seen, null where none was."""

    id = serializers.IntegerField()
    browser = serializers.CharField(allow_blank=True)
    system = serializers.CharField(allow_blank=True)
    ip = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    last_seen_at = serializers.DateTimeField()
    current = serializers.BooleanField()


class SessionsOut(serializers.Serializer):
    """Where the member is signed in, this browser first."""

    items = SessionOut(many=True)


class EndedOut(serializers.Serializer):
    """How many sessions ended."""

    ended = serializers.IntegerField()


class EmailChangeIn(serializers.Serializer):
    """The new address."""

    email = serializers.EmailField(max_length=254)


class EmailChangeOut(serializers.Serializer):
    """The change that waits for its code; both null where there is none."""

    email = serializers.EmailField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)


class CodeIn(serializers.Serializer):
    """The code from the mail."""

    code = serializers.CharField(max_length=32)


class PolicyIn(serializers.Serializer):
    """Of whom a second step is asked."""

    level = serializers.ChoiceField(choices=LEVELS)


class ReachOut(serializers.Serializer):
    """How many members a level asks, and how many of them have a second step already."""

    level = serializers.ChoiceField(choices=LEVELS)
    asked = serializers.IntegerField()
    protected = serializers.IntegerField()


class PolicyOut(serializers.Serializer):
    """Of whom a second step is asked, what each level would mean, and how long people have to set one up."""

    level = serializers.ChoiceField(choices=LEVELS)
    grace_days = serializers.IntegerField()
    levels = ReachOut(many=True)


def session_out(session: DeviceSession) -> dict[str, Any]:
    """Return ``session`` as :class:`SessionOut` describes it."""
    return {
        "id": session.id,
        "browser": session.browser,
        "system": session.system,
        "ip": session.ip,
        "created_at": iso(session.created_at),
        "last_seen_at": iso(session.last_seen_at),
        "current": session.current,
    }
