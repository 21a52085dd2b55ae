"""Domain errors: what can go wrong in the words of the product, each with a stable code and its HTTP status."""

from __future__ import annotations

from typing import Any


class DomainError(Exception):
    """A refusal that a person can understand.

    Subclasses set ``code`` (the contract with clients, snake case), ``title`` (short, for people) and ``status``.
    ``members`` are extra facts of this occurrence, rendered beside the standard members of RFC 9457.
    """

    code = "domain_error"
    title = "This cannot be done"
    status = 409

    def __init__(self, detail: str | None = None, **members: Any) -> None:
        self.detail = detail or self.title
        self.members = members
        super().__init__(self.detail)


class NotFound(DomainError):
    """The thing does not exist, or the actor may not see it: the two answer alike."""

    code = "not_found"
    title = "There is nothing here"
    status = 404


class PermissionDenied(DomainError):
    """The actor is known but may not do this."""

    code = "permission_denied"
    title = "You may not do this"
    status = 403


class ValidationFailed(DomainError):
    """What was sent does not hold. ``errors`` maps a field name to a sentence."""

    code = "invalid"
    title = "Some of this needs another look"
    status = 422

    def __init__(self, detail: str | None = None, *, errors: dict[str, str] | None = None, **members: Any) -> None:
        self.errors = errors or {}
        super().__init__(detail, **members)


class RevisionConflict(DomainError):
    """Someone else changed this since it was read. ``current`` is what it holds now."""

    code = "revision_conflict"
    title = "Someone else changed this"
    status = 412


class PreconditionRequired(DomainError):
    """A write that must name the revision it saw did not."""

    code = "precondition_required"
    title = "Send the revision you saw in If-Match"
    status = 428


class Unavailable(DomainError):
    """Something that the platform needs does not answer right now. ``retry_after_seconds`` says when to come back."""

    code = "unavailable"
    title = "This part of the platform does not answer right now. Try again in a moment."
    status = 503


class TooSlow(DomainError):
    """The database was told to stop a statement that took too long. What belonged to it has not happened."""

    code = "too_slow"
    title = "This took too long and was stopped. Nothing was changed. Ask for less at a time, or try again later."
    status = 503


class TooManyRequests(DomainError):
    """A limit was reached. ``retry_after_seconds`` says when to come back."""

    code = "too_many_requests"
    title = "Too many tries"
    status = 429
