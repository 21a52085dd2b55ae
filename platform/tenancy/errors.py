"""What a request meets when its organization can't be used."""

from __future__ import annotations

from django.db import OperationalError

from core.errors import PermissionDenied


class OrganizationInactive(PermissionDenied):
    """The organization is paused, or not used any more. ``state`` says which, where that is known."""

    code = "organization_inactive"
    title = "This organization is paused"


class TenantUnavailable(OrganizationInactive, OperationalError):
    """The database refuses the organization's role or schema: suspended, moved or deleted.

    To whoever asked it is the same refusal as the paused organization's, however stale the process's own news are.
    """
