"""What goes in and out of support access."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.clock import iso
from staff.models import SupportConsent, SupportGrant
from staff.models.support import MAX_MINUTES


class SupportCodeIn(serializers.Serializer):
    """The code of the fragment."""

    code = serializers.CharField(max_length=200)


class SupportEnteredOut(serializers.Serializer):
    """Where the browser goes now."""

    next = serializers.CharField()


class SupportSessionOut(serializers.Serializer):
    """The support access that this browser has now."""

    staff = serializers.CharField()
    organization = serializers.CharField()
    member = serializers.CharField(allow_null=True)
    scope = serializers.ChoiceField(SupportGrant.Scope.choices)
    expires_at = serializers.DateTimeField()
    seconds_left = serializers.IntegerField()
    console_url = serializers.CharField()


class SupportModeIn(serializers.Serializer):
    """Whether support may come in."""

    mode = serializers.ChoiceField(SupportConsent.Mode.choices)


class SupportGrantOut(serializers.Serializer):
    """One support access as the organization reads it."""

    id = serializers.UUIDField()
    staff = serializers.CharField()
    member = serializers.UUIDField(allow_null=True)
    reason = serializers.CharField()
    ticket = serializers.CharField()
    scope = serializers.ChoiceField(SupportGrant.Scope.choices)
    minutes = serializers.IntegerField()
    state = serializers.ChoiceField(SupportGrant.State.choices)
    requested_at = serializers.DateTimeField()
    starts_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    end_reason = serializers.CharField()


class SupportAccessOut(serializers.Serializer):
    """The switch, and every access: newest first, at most a hundred."""

    mode = serializers.ChoiceField(SupportConsent.Mode.choices)
    items = SupportGrantOut(many=True)


class SupportGrantIn(serializers.Serializer):
    """Support access as staff ask for it."""

    organization = serializers.UUIDField()
    member = serializers.UUIDField(required=False, allow_null=True, default=None)
    reason = serializers.CharField(max_length=1000)
    ticket = serializers.CharField(max_length=100)
    scope = serializers.ChoiceField(SupportGrant.Scope.choices, default=SupportGrant.Scope.READ)
    minutes = serializers.IntegerField(min_value=1, max_value=MAX_MINUTES, default=30)


class StaffSupportGrantOut(SupportGrantOut):
    """Support access as staff see it: ``location`` is where to go while it is open and one's own."""

    organization = serializers.UUIDField()
    location = serializers.CharField(allow_null=True)


class SupportGrantListOut(serializers.Serializer):
    """Newest first, at most two hundred."""

    items = StaffSupportGrantOut(many=True)
    next = serializers.CharField(allow_null=True)


class SupportKilledOut(serializers.Serializer):
    """How many accesses ended."""

    ended = serializers.IntegerField()


def grant_out(grant: SupportGrant) -> dict[str, Any]:
    """Return a grant as the API says it."""
    return {
        "id": str(grant.id),
        "staff": grant.staff.name,
        "member": str(grant.member_id) if grant.member_id else None,
        "reason": grant.reason,
        "ticket": grant.ticket,
        "scope": grant.scope,
        "minutes": grant.minutes,
        "state": grant.state,
        "requested_at": iso(grant.requested_at),
        "starts_at": iso(grant.starts_at) if grant.starts_at else None,
        "expires_at": iso(grant.expires_at),
        "ended_at": iso(grant.ended_at) if grant.ended_at else None,
        "end_reason": grant.end_reason,
    }
