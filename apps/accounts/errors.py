"""What can go wrong with members, roles and invitations."""

from __future__ import annotations

from core.errors import DomainError, NotFound, PermissionDenied


class UnknownMember(NotFound):
    """No member of this organization has this id."""

    code = "member_not_found"
    title = "There is no such member"


class LastOwner(DomainError):
    """Without an owner nobody could run the organization."""

    code = "last_owner"
    title = "An organization keeps at least one owner. Make somebody else an owner first."
    status = 409


class OwnersOnly(PermissionDenied):
    """Only owners give and take the role of owner."""

    code = "owners_only"
    title = "Only an owner can make somebody an owner, or end that"


class AlreadyMember(DomainError):
    """The address belongs to a member of this organization."""

    code = "already_member"
    title = "Somebody with this address is a member already"
    status = 409


class AlreadyInvited(DomainError):
    """The address has an invitation that still works; it can be sent again or withdrawn."""

    code = "already_invited"
    title = "This address is invited already. Send the invitation again, or withdraw it."
    status = 409


class UnknownInvitation(NotFound):
    """No open invitation of this organization has this id."""

    code = "invitation_not_found"
    title = "There is no such invitation"


class InvitationGone(NotFound):
    """Accepted, withdrawn, expired or never made: one answer for all."""

    code = "invitation_gone"
    title = "This invitation has ended. Ask whoever invited you for a new one."


class NotSignedIn(DomainError):
    """Another step stands between this person and a session, such as a second factor."""

    code = "sign_in_incomplete"
    title = "Sign in to go on"
    status = 401
