"""What can go wrong with an organization, before and after it exists."""

from __future__ import annotations

from core.errors import DomainError, NotFound, PermissionDenied


class UnknownOrganization(NotFound):
    """No organization has this id."""

    code = "organization_not_found"
    title = "There is no such organization"


class SlugUnavailable(DomainError):
    """The address can't be had; ``reason`` and ``suggestion`` say why and what could."""

    code = "slug_unavailable"
    title = "This address is not available"
    status = 409


class SignUpGone(NotFound):
    """The sign-up expired after 30 minutes, or never was."""

    code = "sign_up_not_found"
    title = "This sign-up has ended. Start again; nothing was kept."


class CodeWrong(DomainError):
    """The code does not match; ``tries_left`` says how often it may be tried."""

    code = "code_wrong"
    title = "That is not the code we sent"
    status = 422


class CodeSpent(DomainError):
    """Six wrong codes: a new one must be sent."""

    code = "code_spent"
    title = "Too many wrong codes. Ask for a new one."
    status = 429


class TermsOutdated(DomainError):
    """Another version of the terms is in force now."""

    code = "terms_outdated"
    title = "The terms changed. Read and accept the current version."
    status = 409


class HandOverRefused(DomainError):
    """The code is spent, too old, of another organization, or of another browser: one answer for all."""

    code = "hand_over_refused"
    title = "This sign-in link can't be used. Sign in with your e-mail and password."
    status = 403


class NotReady(DomainError):
    """The organization is still being made."""

    code = "not_ready"
    title = "Your platform is still being made"
    status = 409


class WrongState(DomainError):
    """The organization is not where this may happen: it is in ``state`` and had to be in ``expected``."""

    code = "wrong_state"
    title = "The organization is in another state"
    status = 409


class NotYours(PermissionDenied):
    """This change is somebody else's to make."""

    code = "transition_not_yours"
    title = "Your role may not do this to an organization"


class EffectsChanged(DomainError):
    """What was shown is no longer so, or nothing was shown. ``preview`` is what holds now, with a new token."""

    code = "effects_changed"
    title = "Things changed since you looked. Look again before you go on."
    status = 409


class TooEarly(DomainError):
    """The time in which this can be called off has not passed. ``due_at`` says when it will have."""

    code = "too_early"
    title = "The time to call this off has not passed"
    status = 409


class ReasonMissing(DomainError):
    """People who are affected may ask why: staff say so beforehand."""

    code = "reason_required"
    title = "Say why. The organization's own record shows it."
    status = 422


class ConfirmationWrong(DomainError):
    """What was typed is not the organization's address."""

    code = "confirmation_wrong"
    title = "That is not the address of this organization"
    status = 422
