"""If-Match: a write names the revision it saw."""

from __future__ import annotations

from rest_framework.request import Request

from core.errors import PreconditionRequired

_MAX_DIGITS = 9


def require_revision(request: Request) -> int:
    """Return the revision of ``If-Match: "<n>"``.

    Raises:
        PreconditionRequired: the header is missing or no number.
    """
    value = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    # isdigit() alone takes "²", which is no number; more digits than these fit no column.
    if not (value.isascii() and value.isdigit() and len(value) <= _MAX_DIGITS):
        raise PreconditionRequired
    return int(value)
