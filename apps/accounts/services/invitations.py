"""Inviting by mail, and accepting: the one way to become a member of an organization."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.core.exceptions import ValidationError as NotAnAddress
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import F

import tenancy
from apps.accounts import limits, mails
from apps.accounts.errors import (
    AlreadyInvited,
    AlreadyMember,
    InvitationExpired,
    InvitationGone,
    NoFreeSeat,
    OwnersOnly,
    UnknownInvitation,
)
from apps.accounts.models import Invitation, Member
from apps.accounts.policies import OWNER, ROLES, may_grant
from apps.accounts.services.members import hashed, join
from apps.audit.api import record
from billing import api as billing
from billing.errors import QuotaExceeded
from core.actor import Actor
from core.clock import now
from core.errors import DomainError, PermissionDenied, TooManyRequests, ValidationFailed
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


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one address: ``invited``, or a refusal's code with its sentence."""

    email: str
    state: str
    detail: str = ""
    invitation: Invitation | None = None


def invite(*, actor: Actor, email: str, role: str, days: int = LIFE.days) -> tuple[Invitation, str]:
    """Invite ``email`` to join with ``role`` and send the mail; return the invitation and its token.

    The link works for ``days``.

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
        return _invite(actor, email.strip().lower(), role, timedelta(days=days))
    except IntegrityError as open_already:  # two at once
        raise AlreadyInvited from open_already


@transaction.atomic
def _invite(actor: Actor, email: str, role: str, life: timedelta) -> tuple[Invitation, str]:
    if Member.objects.filter(email=email).exists():
        raise AlreadyMember
    Invitation.objects.open().filter(email=email, expires_at__lte=now()).update(revoked_at=now())
    if Invitation.objects.open().filter(email=email).exists():
        raise AlreadyInvited
    token, moment = new_secret(), now()
    invitation = Invitation.objects.create(
        email=email,
        role=role,
        token_sha256=_sha256(token),
        invited_by_id=actor.member_id,
        sent_at=moment,
        expires_at=moment + life,
    )
    _record("accounts.invitation.sent", invitation)
    _send(invitation, token, inviter=actor.name)
    return invitation, token


def invite_many(*, actor: Actor, emails: Sequence[str], role: str, days: int) -> list[Outcome]:
    """Invite each address once, in order; return what became of each. One that fails stops nothing but floods do.

    Raises:
        ValidationFailed, OwnersOnly, PermissionDenied: the role is nobody's, or not theirs to give.
    """
    outcomes: list[Outcome] = []
    stopped: DomainError | None = None
    for email in dict.fromkeys(address.strip().lower() for address in emails if address.strip()):
        try:
            validate_email(email)
            if stopped is not None:
                raise stopped
            invitation, _ = invite(actor=actor, email=email, role=role, days=days)
            outcomes.append(Outcome(email, "invited", invitation=invitation))
        except NotAnAddress:
            outcomes.append(Outcome(email, "invalid_address", "This is not a full address."))
        except (AlreadyMember, AlreadyInvited) as known:
            outcomes.append(Outcome(email, known.code, known.title))
        except TooManyRequests as enough:
            stopped = enough
            outcomes.append(Outcome(email, enough.code, "The hour's invitations are sent. Send the rest later."))
    return outcomes


@transaction.atomic
def resend(*, actor: Actor, invitation_id: UUID) -> tuple[Invitation, str]:
    """Send an open invitation again with a new link that works as long as the first one did; the old link ends.

    Raises:
        UnknownInvitation: none is open with this id. OwnersOnly, PermissionDenied: not theirs to give.
        TooManyRequests: this address had enough mail within the hour.
    """
    invitation = _locked(invitation_id)
    if not may_grant(actor.roles, invitation.role):
        raise OwnersOnly if invitation.role == OWNER else PermissionDenied
    limits.count(kind="invitation-mail", subject=invitation.email, limit=MAILS_PER_ADDRESS_PER_HOUR)
    token = _renewed(actor, invitation)
    _record("accounts.invitation.resent", invitation)
    _send(invitation, token, inviter=actor.name)
    return invitation, token


@transaction.atomic
def make_link(*, actor: Actor, invitation_id: UUID) -> tuple[Invitation, str]:
    """Return an open invitation with a new link to hand over by other means than mail; the old link ends.

    Whoever opens it joins with the invited address: give it to nobody else.

    Raises:
        UnknownInvitation: none is open with this id. OwnersOnly, PermissionDenied: not theirs to give.
    """
    invitation = _locked(invitation_id)
    if not may_grant(actor.roles, invitation.role):
        raise OwnersOnly if invitation.role == OWNER else PermissionDenied
    token = _renewed(actor, invitation)
    _record("accounts.invitation.link_made", invitation)
    return invitation, link_of(token)


def _renewed(actor: Actor, invitation: Invitation) -> str:
    token = new_secret()
    life = invitation.expires_at - invitation.sent_at
    invitation.token_sha256 = _sha256(token)
    invitation.invited_by_id = actor.member_id
    invitation.sent_at = now()
    invitation.expires_at = invitation.sent_at + life
    invitation.save(update_fields=["token_sha256", "invited_by", "sent_at", "expires_at"])
    return token


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
    _record("accounts.invitation.withdrawn", invitation)


def offer_of(token: str) -> Offer:
    """Return what the link offers.

    Raises:
        InvitationGone: accepted, withdrawn, never made, or whoever invited may no longer give the role.
        InvitationExpired: its days are over.
    """
    invitation = Invitation.objects.open().filter(token_sha256=_sha256(token)).first()
    if invitation is None or not _still_backed(invitation):
        raise InvitationGone
    if invitation.expires_at <= now():
        raise InvitationExpired
    return Offer(organization=tenancy.current().name, email=invitation.email, role=invitation.role)


def accept(*, token: str, name: str, password: str) -> Member:
    """Make whoever holds the link a member, once. Holding it proves the address it was sent to.

    Raises:
        InvitationGone: as :func:`offer_of`. AlreadyMember: the address became a member's since.
        ValidationFailed: the password is weak; the invitation stays open.
        NoFreeSeat: everybody whom the plan has room for is there; the invitation stays open.
    """
    offer = offer_of(token)
    password_hash = hashed(password, email=offer.email, name=name)  # takes its time: before any lock
    try:
        return _accept(token, name, password_hash)
    except QuotaExceeded as full:
        raise NoFreeSeat(_no_seat_words(token), meter=billing.SEATS, needed=1, free=0) from full


@transaction.atomic
def _accept(token: str, name: str, password_hash: str) -> Member:
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


def _no_seat_words(token: str) -> str:
    """Say who can help: whoever invited. What the organization pays for is none of a guest's business."""
    rows = Invitation.objects.filter(token_sha256=_sha256(token)).select_related("invited_by")
    invitation = rows.first()
    inviter = invitation.invited_by.name if invitation and invitation.invited_by else ""
    ask = f"Ask {inviter}, who invited you, to make room" if inviter else "Ask whoever invited you to make room"
    return f"Every seat of {tenancy.current().name} is taken. {ask}; this link goes on working."


def link_of(token: str) -> str:
    """Return the address in the mail: a page of the organization's own host."""
    return public_url(tenancy.current().host, f"/invitation/{token}")


def _still_backed(invitation: Invitation) -> bool:
    """Whether whoever invited may give the role now: an admin who was let go leaves no doors open."""
    inviter = Member.objects.active().with_roles().filter(id=invitation.invited_by_id).first()
    return inviter is not None and may_grant(frozenset(inviter.role_names), invitation.role)


def _record(action: str, invitation: Invitation) -> None:
    record(
        action,
        object_type="invitation",
        object_id=invitation.id,
        changes={"email": invitation.email, "role": invitation.role},
    )


def _locked(invitation_id: UUID) -> Invitation:
    found = Invitation.objects.open().select_for_update().filter(id=invitation_id).first()
    if found is None:
        raise UnknownInvitation
    return found


def _send(invitation: Invitation, token: str, *, inviter: str) -> None:
    days = (invitation.expires_at - invitation.sent_at).days
    mails.send_invitation(email=invitation.email, role=invitation.role, inviter=inviter, url=link_of(token), days=days)


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
