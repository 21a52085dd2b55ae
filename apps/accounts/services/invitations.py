"""Inviting by mail, and accepting: the one way to become a member of an organization."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

import tenancy
from apps.accounts import limits, mails
from apps.accounts.errors import AlreadyInvited, AlreadyMember, InvitationGone, OwnersOnly, UnknownInvitation
from apps.accounts.models import Invitation, Member
from apps.accounts.policies import OWNER, ROLES, may_grant
from apps.accounts.services.members import hashed, join
from core.actor import Actor
from core.clock import now
from core.errors import PermissionDenied, ValidationFailed
from core.ids import new_secret
from tenancy.hosts import public_url

LIFE = timedelta(days=7)
# Mail goes to people who did not ask for it: a wave of invitations is no wave of mail to one of them.
INVITATIONS_PER_HOUR = 500
MAILS_PER_ADDRESS_PER_HOUR = 5


@dataclass(frozen=True, slots=True)
class Offer:
    """What whoever holds the link is offered."""

    organization: str
    email: str
    role: str


def invite(*, actor: Actor, email: str, role: str) -> tuple[Invitation, str]:
    """Invite ``email`` to join with ``role`` and send the mail; return the invitation and its token.

    The token is nowhere else: whoever needs it later sends the invitation again. An invitation that expired unused
    is replaced.

    Raises:
        ValidationFailed: there is no such role. OwnersOnly, PermissionDenied: not theirs to give.
        AlreadyMember, AlreadyInvited: the address is known. TooManyRequests: the hour's mails are sent.
    """
    if role not in ROLES:
        raise ValidationFailed(errors={"role": f"There is no role {role}."})
    if not may_grant(actor.roles, role):
        raise OwnersOnly if role == OWNER else PermissionDenied
    limits.count(kind="invitations", subject="all", limit=INVITATIONS_PER_HOUR)
    limits.count(kind="invitation-mail", subject=email.lower(), limit=MAILS_PER_ADDRESS_PER_HOUR)
    try:
        return _invite(actor, email.strip().lower(), role)
    except IntegrityError as open_already:  # two at once
        raise AlreadyInvited from open_already


@transaction.atomic
def _invite(actor: Actor, email: str, role: str) -> tuple[Invitation, str]:
    if Member.objects.filter(email=email).exists():
        raise AlreadyMember
    Invitation.objects.open().filter(email=email, expires_at__lte=now()).update(revoked_at=now())
    if Invitation.objects.open().filter(email=email).exists():
        raise AlreadyInvited
    token = new_secret()
    invitation = Invitation.objects.create(
        email=email,
        role=role,
        token_sha256=_sha256(token),
        invited_by_id=actor.member_id,
        expires_at=now() + LIFE,
    )
    _send(invitation, token, inviter=actor.name)
    return invitation, token


@transaction.atomic
def resend(*, actor: Actor, invitation_id: UUID) -> tuple[Invitation, str]:
    """Send an open invitation again with a new link that works for seven days; the old link ends.

    Raises:
        UnknownInvitation: none is open with this id. OwnersOnly, PermissionDenied: not theirs to give.
        TooManyRequests: this address had enough mail within the hour.
    """
    invitation = _locked(invitation_id)
    if not may_grant(actor.roles, invitation.role):
        raise OwnersOnly if invitation.role == OWNER else PermissionDenied
    limits.count(kind="invitation-mail", subject=invitation.email, limit=MAILS_PER_ADDRESS_PER_HOUR)
    token = new_secret()
    invitation.token_sha256 = _sha256(token)
    invitation.invited_by_id = actor.member_id
    invitation.sent_at = now()
    invitation.expires_at = invitation.sent_at + LIFE
    invitation.save(update_fields=["token_sha256", "invited_by", "sent_at", "expires_at"])
    _send(invitation, token, inviter=actor.name)
    return invitation, token


@transaction.atomic
def revoke(*, actor: Actor, invitation_id: UUID) -> None:
    """Withdraw an open invitation: its link ends at once.

    Raises:
        UnknownInvitation: none is open with this id. OwnersOnly: an invitation to be an owner, by somebody else.
    """
    invitation = _locked(invitation_id)
    if not may_grant(actor.roles, invitation.role):
        raise OwnersOnly if invitation.role == OWNER else PermissionDenied
    invitation.revoked_at = now()
    invitation.save(update_fields=["revoked_at"])


def offer_of(token: str) -> Offer:
    """Return what the link offers.

    Raises:
        InvitationGone: accepted, withdrawn, expired, never made, or whoever invited may no longer give the role.
    """
    invitation = Invitation.objects.redeemable().filter(token_sha256=_sha256(token)).first()
    if invitation is None or not _still_backed(invitation):
        raise InvitationGone
    return Offer(organization=tenancy.current().name, email=invitation.email, role=invitation.role)


def accept(*, token: str, name: str, password: str) -> Member:
    """Make whoever holds the link a member, once. Holding it proves the address it was sent to.

    Raises:
        InvitationGone: as :func:`offer_of`. AlreadyMember: the address became a member's since.
        ValidationFailed: the password is weak; the invitation stays open.
    """
    offer = offer_of(token)
    password_hash = hashed(password, email=offer.email, name=name)  # takes its time: before any lock
    with transaction.atomic():
        # Of twenty who accept at once one finds it unused; the others wait for that one and find nothing.
        spent = Invitation.objects.redeemable().filter(token_sha256=_sha256(token)).update(used=F("used") + 1)
        if not spent:
            raise InvitationGone
        invitation = Invitation.objects.get(token_sha256=_sha256(token))
        if not _still_backed(invitation):
            raise InvitationGone
        return join(
            email=invitation.email,
            name=name,
            password_hash=password_hash,
            roles=[invitation.role],
            via="invitation",
            granted_by=invitation.invited_by_id,
            locale=tenancy.current().locale,
        )


def link_of(token: str) -> str:
    """Return the address in the mail: a page of the organization's own host."""
    return public_url(tenancy.current().host, f"/invitation/{token}")


def _still_backed(invitation: Invitation) -> bool:
    """Whether whoever invited may give the role now: an admin who was let go leaves no doors open."""
    inviter = Member.objects.active().with_roles().filter(id=invitation.invited_by_id).first()
    return inviter is not None and may_grant(frozenset(inviter.role_names), invitation.role)


def _locked(invitation_id: UUID) -> Invitation:
    found = Invitation.objects.open().select_for_update().filter(id=invitation_id).first()
    if found is None:
        raise UnknownInvitation
    return found


def _send(invitation: Invitation, token: str, *, inviter: str) -> None:
    mails.send_invitation(email=invitation.email, role=invitation.role, inviter=inviter, url=link_of(token))


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
