"""What a request meets when its organization can't be used."""

from __future__ import annotations

from typing import Any

from django.db import OperationalError

from core.errors import PermissionDenied, Unavailable


class OrganizationInactive(PermissionDenied):
    """The organization is paused, or not used any more. ``state`` says which, where that is known."""

    code = "organization_inactive"
    title = "This organization is paused"


class TenantUnavailable(OrganizationInactive, OperationalError):
    """The database refuses the organization's role or schema: suspended, moved or deleted.

    To whoever asked it is the same refusal as the paused organization's, however stale the process's own news are.
    """


MOVING_RETRY_SECONDS = 5
# What the database raises for a write of an organization that is being moved (``tenancy.wall``).
MOVING_SQLSTATE = "LM001"


class OrganizationMoving(Unavailable):
    """The organization is on its way to another cell: what it has can be read, and nothing of it changed for now."""

    code = "organization_moving"
    title = "This organization is being moved. Everything can be read; changes are accepted again in a moment."

    def __init__(self, detail: str | None = None, **members: Any) -> None:
        super().__init__(detail, **{"retry_after_seconds": MOVING_RETRY_SECONDS, **members})
