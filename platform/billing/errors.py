"""What billing refuses."""

from __future__ import annotations

from core.errors import DomainError


class QuotaExceeded(DomainError):
    """The organization's limit leaves no room. Members: ``meter``, ``needed``, ``free`` and ``limit``."""

    code = "quota_exceeded"
    title = "There is no room left"
    status = 409


class UnknownMeter(LookupError):
    """The organization has no such quota: it was never provisioned, or the name is wrong."""
