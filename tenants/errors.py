"""What can go wrong with an organization, before and after it exists."""

from __future__ import annotations

from core.errors import DomainError, NotFound


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
