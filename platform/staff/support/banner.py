"""What every page says while somebody of the support team looks in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

import tenancy
from apps.accounts.api import member_with_id
from core.actor import SupportView
from core.clock import iso, now
from tenancy.hosts import public_url


def support_banner(request: HttpRequest) -> dict[str, Any] | None:
    """Return who looks in, as whom, how far and for how long; None where nobody does."""
    support: SupportView | None = getattr(request, "support", None)
    if support is None:
        return None
    member = member_with_id(support.member_id) if support.member_id else None
    return {
        "staff": support.staff_name,
        "organization": tenancy.current().name,
        "member": member.name if member else None,
        "scope": "write" if support.can_write else "read",
        "expires_at": iso(support.expires_at),
        # The browser's clock may be wrong; what is left is counted from here.
        "seconds_left": max(0, int((support.expires_at - now()).total_seconds())),
        "console_url": public_url(settings.STAFF_HOST, "/"),
    }
