"""Announcements in the data that a page starts with, and in what it asks for later."""

from __future__ import annotations

from typing import Any

from core.clock import iso
from staff.announcements.services import Shown, for_page
from tenancy import TenantRecord


def current_announcements(tenant: TenantRecord | None, surface: str, me: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Return what the signed-in person sees on this surface now; visitors see nothing.

    The staff console asks for its own after the sign-in.
    """
    if tenant is None or me is None:
        return []
    return [shown_out(one) for one in for_page(surface=surface, organization_id=tenant.id, roles=me["roles"])]


def shown_out(one: Shown) -> dict[str, Any]:
    """Return an announcement as its readers get it."""
    return {
        "id": str(one.id),
        "title": one.title,
        "body": one.body,
        "tone": one.tone,
        "starts_at": iso(one.starts_at),
        "ends_at": iso(one.ends_at) if one.ends_at else None,
    }
