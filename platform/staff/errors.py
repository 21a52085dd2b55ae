"""What staff may meet."""

from __future__ import annotations

from core.errors import DomainError, NotFound


class SignInRefused(DomainError):
    """Address or password do not fit, or the account is suspended: the three answer alike."""

    code = "sign_in_refused"
    title = "These do not open a staff account"
    status = 403


class CodeRefused(DomainError):
    """The code is wrong, was used before, or is from another time."""

    code = "code_refused"
    title = "This code does not fit. Wait for the next one and try again."
    status = 403


class PasskeyRefused(DomainError):
    """The passkey is none of this account's, or its answer does not prove it."""

    code = "passkey_refused"
    title = "This passkey did not prove who you are"
    status = 403


class ProofNeeded(DomainError):
    """This act asks for a second factor that was proved within the last ten minutes."""

    code = "proof_needed"
    title = "Prove once more that it is you"
    status = 403


class SetUpLinkGone(NotFound):
    """The link was used, has ended, or never was."""

    code = "set_up_link_gone"
    title = "This link has been used or has ended. Ask for a new one."


class LastOperator(DomainError):
    """Without an active operations account nobody could let anybody in again."""

    code = "last_operator"
    title = "This is the last operations account. Give somebody else the role first."


class LastFactor(DomainError):
    """An account keeps at least one factor."""

    code = "last_factor"
    title = "This is your last factor. Add another one first."


class AccountExists(DomainError):
    """Somebody on the staff has this address."""

    code = "staff_account_exists"
    title = "There is an account with this address"


class NoSuchJob(NotFound):
    """There is no job of this kind with this id."""
