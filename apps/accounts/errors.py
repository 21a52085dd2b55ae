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


class SecondFactorRequired(PermissionDenied):
    """The organization asks a second factor of this member, and their time without one is over."""

    code = "second_factor_required"
    title = "Set up a second step for signing in, then go on"


class ReauthenticationRequired(PermissionDenied):
    """This needs a proof of identity from the last five minutes."""

    code = "reauthentication_required"
    title = "Confirm that it is you, then try again"


class MemberSuspended(PermissionDenied):
    """Said only to whoever gave the right password."""

    code = "member_suspended"
    title = "Your account here is suspended. Ask whoever runs this organization."


class NotYourself(DomainError):
    """Nobody suspends, erases or resets themselves from the list of people."""

    code = "not_yourself"
    title = "You can't do this to yourself. Ask another owner or admin."
    status = 409


class AlreadyErased(DomainError):
    """The member's personal data is gone; there is nothing to bring back or take away."""

    code = "member_erased"
    title = "This member was erased"
    status = 409


class NoFactor(DomainError):
    """There is no second factor to reset."""

    code = "no_second_factor"
    title = "This member has no second step to reset"
    status = 409


class SameEmail(DomainError):
    """The new address is the old one."""

    code = "same_email"
    title = "That is your address already"
    status = 409


class NoEmailChange(NotFound):
    """No change of address is open, or its half hour is over."""

    code = "email_change_not_found"
    title = "This change has ended. Ask for a new code."


class WrongCode(DomainError):
    """The code is not the one we sent."""

    code = "wrong_code"
    title = "This is not the code we sent"
    status = 422


class EmailTaken(DomainError):
    """Somebody else's address by the time it was confirmed."""

    code = "email_taken"
    title = "This address became another member's in the meantime"
    status = 409


class UnknownSession(NotFound):
    """None of the member's sessions has this id."""

    code = "session_not_found"
    title = "This session has ended already"


class InvitationExpired(DomainError):
    """Said to whoever holds the link: its seven days are over."""

    code = "invitation_expired"
    title = "This invitation has expired. Ask whoever invited you to send it again."
    status = 410


class FactorThere(DomainError):
    """The member has an authenticator app already, or may not set one up yet."""

    code = "second_factor_there"
    title = "An authenticator app is set up already. Remove it first."
    status = 409


class FactorNeeded(DomainError):
    """The organization asks a second factor of this member, and this is their last one."""

    code = "second_factor_needed"
    title = "Your organization asks a second step of you. Set up another one before you remove this one."
    status = 409


class NoFreeSeat(DomainError):
    """Said to whoever accepts an invitation: the organization has no room for one more. Members: ``meter``."""

    code = "quota_exceeded"
    title = "Every seat is taken"
    status = 409
