"""What can go wrong with an organization's hosts."""

from __future__ import annotations

from core.errors import DomainError, NotFound


class DomainRefused(DomainError):
    """The name can never be a custom domain; ``reason`` says why in a word."""

    code = "domain_refused"
    title = "This name can't be used"
    status = 422


class DomainLimit(DomainError):
    """The organization has as many domains as anybody may."""

    code = "domain_limit"
    title = "You have as many domains as we can look after. Remove one first."
    status = 409


class DomainNotFound(NotFound):
    """The organization has no such domain."""

    code = "domain_not_found"
    title = "There is no such domain"


class NotActive(DomainError):
    """Only a host that leads here can be the primary one."""

    code = "domain_not_active"
    title = "This domain does not lead here yet"
    status = 409


class IsAddress(DomainError):
    """The organization's own address is renamed, never removed."""

    code = "domain_is_address"
    title = "Your address can be changed, but not removed"
    status = 409


class TooManyRenames(DomainError):
    """The organization changed its address too often."""

    code = "too_many_renames"
    title = "Your address was changed too often"
    status = 429
