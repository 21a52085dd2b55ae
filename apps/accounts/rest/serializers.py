"""Shapes of accounts in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.accounts.models import Invitation, Member
from apps.accounts.policies import ROLES
from apps.accounts.rest.own_serializers import SecondFactorOut
from core.clock import iso, now


class MemberSelf(serializers.Serializer):
    """The signed-in member."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    email = serializers.EmailField(allow_null=True)
    locale = serializers.CharField()
    zone = serializers.CharField()


class MeOut(serializers.Serializer):
    """Who is signed in, and what they may do here. ``csrf`` is the token for writes from this page."""

    member = MemberSelf()
    roles = serializers.ListField(child=serializers.ChoiceField(choices=ROLES))
    permissions = serializers.ListField(child=serializers.CharField())
    second_factor = SecondFactorOut()
    csrf = serializers.CharField()


class HandOverIn(serializers.Serializer):
    """The code from the address's fragment."""

    code = serializers.CharField(max_length=200)


class NextOut(serializers.Serializer):
    """Where the application goes next, on this host."""

    next = serializers.CharField()


class MemberOut(serializers.Serializer):
    """A member in the list of people. ``last_seen_on`` is a UTC day; ``has_second_factor`` null where not asked."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    email = serializers.EmailField(allow_null=True)
    roles = serializers.ListField(child=serializers.ChoiceField(choices=ROLES))
    state = serializers.ChoiceField(choices=Member.State.choices)
    last_seen_on = serializers.DateField(allow_null=True)
    suspended_at = serializers.DateTimeField(allow_null=True)
    has_second_factor = serializers.BooleanField(allow_null=True)


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


class MemberCountsOut(serializers.Serializer):
    """How many members there are of each state, and how many invitations work."""

    active = serializers.IntegerField()
    suspended = serializers.IntegerField()
    invited = serializers.IntegerField()


class ReasonIn(serializers.Serializer):
    """Why. It is kept in the audit."""

    reason = serializers.CharField(min_length=3, max_length=500)


class InvitationIn(serializers.Serializer):
    """Whom to invite, as what, and for how many days the link works."""

    email = serializers.EmailField(max_length=254)
    role = serializers.ChoiceField(choices=ROLES)
    days = serializers.IntegerField(min_value=1, max_value=30, default=7)


class InvitationsIn(serializers.Serializer):
    """Whom to invite at once. What is no address is answered like the rest, one by one."""

    emails = serializers.ListField(child=serializers.CharField(max_length=320), min_length=1, max_length=200)
    role = serializers.ChoiceField(choices=ROLES)
    days = serializers.IntegerField(min_value=1, max_value=30, default=7)


class InvitationFilter(serializers.Serializer):
    """Which invitations: those that nobody accepted or withdrew where nothing is said."""

    state = serializers.ChoiceField(choices=["open", "expired", "accepted", "withdrawn"], required=False)


class InvitationOut(serializers.Serializer):
    """An invitation. Its link is in the mail only."""

    id = serializers.UUIDField()
    email = serializers.EmailField()
    role = serializers.ChoiceField(choices=ROLES)
    state = serializers.ChoiceField(choices=["open", "expired", "accepted", "withdrawn"])
    sent_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()


class InvitationLinkOut(InvitationOut):
    """An invitation with its new link, to hand over by other means than mail. It is shown this once."""

    url = serializers.CharField()


class InvitationOutcomeOut(serializers.Serializer):
    """What became of one address: ``invited``, or the code and sentence of its refusal."""

    email = serializers.CharField()
    state = serializers.CharField()
    detail = serializers.CharField(allow_blank=True)
    invitation = InvitationOut(allow_null=True)


class InvitationOutcomesOut(serializers.Serializer):
    """What became of each address, in the order they were given."""

    items = InvitationOutcomeOut(many=True)


class InvitationPage(serializers.Serializer):
    """A page of invitations, newest first."""

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
        "suspended_at": iso(member.suspended_at) if member.suspended_at else None,
        "has_second_factor": getattr(member, "has_factor", None),
    }


def invitation_out(invitation: Invitation) -> dict[str, Any]:
    """Return ``invitation`` as :class:`InvitationOut` describes it."""
    return {
        "id": str(invitation.id),
        "email": invitation.email,
        "role": invitation.role,
        "state": _state(invitation),
        "sent_at": iso(invitation.sent_at),
        "expires_at": iso(invitation.expires_at),
    }


def _state(invitation: Invitation) -> str:
    if invitation.used >= invitation.limit:
        return "accepted"
    if invitation.revoked_at is not None:
        return "withdrawn"
    return "expired" if invitation.expires_at <= now() else "open"
