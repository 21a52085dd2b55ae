"""If-Match: a write names the revision it saw."""

from __future__ import annotations

from rest_framework.request import Request

from core.errors import PreconditionRequired


def require_revision(request: Request) -> int:
    """Return the revision of ``If-Match: "<n>"``.

    Raises:
        PreconditionRequired: the header is missing or no number.
    """
    value = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    if not value.isdigit():
        raise PreconditionRequired
    return int(value)
