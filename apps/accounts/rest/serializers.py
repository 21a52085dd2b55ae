"""Shapes of accounts in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.accounts.models import Invitation, Member
from apps.accounts.policies import ROLES
from core.clock import iso, now


class MemberSelf(serializers.Serializer):
    """The signed-in member."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    email = serializers.EmailField(allow_null=True)
    locale = serializers.CharField()


class MeOut(serializers.Serializer):
    """Who is signed in, and what they may do here. ``csrf`` is the token for writes from this page."""

    member = MemberSelf()
    roles = serializers.ListField(child=serializers.ChoiceField(choices=ROLES))
    permissions = serializers.ListField(child=serializers.CharField())
    csrf = serializers.CharField()


class HandOverIn(serializers.Serializer):
    """The code from the address's fragment."""

    code = serializers.CharField(max_length=200)


class NextOut(serializers.Serializer):
    """Where the application goes next, on this host."""

    next = serializers.CharField()


class MemberOut(serializers.Serializer):
    """A member in the list of people. ``last_seen_on`` is a UTC day."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    email = serializers.EmailField(allow_null=True)
    roles = serializers.ListField(child=serializers.ChoiceField(choices=ROLES))
    state = serializers.ChoiceField(choices=Member.State.choices)
    last_seen_on = serializers.DateField(allow_null=True)


class MemberPage(serializers.Serializer):
    """A page of members, by name."""

    items = MemberOut(many=True)
    next = serializers.CharField(allow_null=True)


class MemberFilter(serializers.Serializer):
    """What the list of people may be narrowed to."""

    q = serializers.CharField(required=False, default="", max_length=200, allow_blank=True)
    role = serializers.ChoiceField(choices=ROLES, required=False)
    state = serializers.ChoiceField(choices=Member.State.choices, required=False)


class RolesIn(serializers.Serializer):
    """The roles that a member shall hold in the whole organization."""

    roles = serializers.ListField(child=serializers.ChoiceField(choices=ROLES), max_length=len(ROLES))


class InvitationIn(serializers.Serializer):
    """Whom to invite, as what."""

    email = serializers.EmailField(max_length=254)
    role = serializers.ChoiceField(choices=ROLES)


class InvitationOut(serializers.Serializer):
    """An open invitation. Its link is in the mail only."""

    id = serializers.UUIDField()
    email = serializers.EmailField()
    role = serializers.ChoiceField(choices=ROLES)
    state = serializers.ChoiceField(choices=["open", "expired"])
    sent_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()


class InvitationPage(serializers.Serializer):
    """A page of open invitations, newest first."""

    items = InvitationOut(many=True)
    next = serializers.CharField(allow_null=True)


class OfferOut(serializers.Serializer):
    """What the holder of a link is offered."""

    organization = serializers.CharField()
    email = serializers.EmailField()
    role = serializers.ChoiceField(choices=ROLES)


class AcceptanceIn(serializers.Serializer):
    """Who accepts. The e-mail is the invited one."""

    name = serializers.CharField(max_length=200)
    password = serializers.CharField(max_length=200, trim_whitespace=False)


class AcceptanceOut(MeOut):
    """The new member, signed in, and where to go."""

    next = serializers.CharField()


def member_out(member: Member) -> dict[str, Any]:
    """Return ``member``, read ``with_roles``, as :class:`MemberOut` describes it."""
    return {
        "id": str(member.id),
        "name": member.name,
        "email": member.email,
        "roles": list(member.role_names),  # type: ignore[attr-defined]  # annotated
        "state": member.state,
        "last_seen_on": member.last_seen_on.isoformat() if member.last_seen_on else None,
    }


def invitation_out(invitation: Invitation) -> dict[str, Any]:
    """Return ``invitation`` as :class:`InvitationOut` describes it."""
    return {
        "id": str(invitation.id),
        "email": invitation.email,
        "role": invitation.role,
        "state": "expired" if invitation.expires_at <= now() else "open",
        "sent_at": iso(invitation.sent_at),
        "expires_at": iso(invitation.expires_at),
    }
