"""What can be refused about support access."""

from __future__ import annotations

from core.errors import DomainError, NotFound, PermissionDenied


class SupportOff(PermissionDenied):
    """The organization does not let support in."""

    code = "support_off"
    title = "This organization has switched support access off"


class SupportOpenAlready(DomainError):
    """A staff person looks into one organization at a time."""

    code = "support_open_already"
    title = "End your open support access first"


class NothingToSupport(DomainError):
    """The organization serves nobody now: there is nothing to look into."""

    code = "organization_not_serving"
    title = "This organization is not serving. Reactivate it first."


class GrantNotFound(NotFound):
    """There is no such support access, or it is somebody else's."""


class GrantOver(DomainError):
    """The access was ended, refused or has run out."""

    code = "support_over"
    title = "This support access has ended"


class CodeRefused(PermissionDenied):
    """The code was spent, is too old, or is for another host or browser."""

    code = "support_code_refused"
    title = "This way in has closed. Start again from the console."


class SupportReadOnly(PermissionDenied):
    """A write under support access that only reads."""

    code = "support_read_only"
    title = "Support access only reads here"


class NotForSupport(PermissionDenied):
    """What support access never reaches, whatever its scope."""

    code = "support_not_allowed"
    title = "Support access does not reach this"


class SupportEnded(DomainError):
    """The browser still has the cookie of an access that is over."""

    code = "support_ended"
    title = "Support access has ended"
    status = 401
