"""Moves on both records: the organization's own while it can be told, and the platform's."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from tenants import acts
from tenants.models import Move


def note(job: Move, action: str) -> None:
    """Tell the organization's audit, in the caller's transaction. It hears of it where it lives by then."""
    changes: dict[str, Any] = {"cell": [job.source, job.target]}
    acts.note(job.organization_id, action, object_type="move", object_id=job.id, changes=changes)


def platform(job: Move, event: str, *, reason: str = "") -> None:
    """Write the platform's record of ``organization.move.<event>``, in the caller's transaction."""
    enter(
        f"organization.move.{event}",
        organization_id=job.organization_id,
        object_id=job.id,
        reason=reason,
        changes={"cell": [job.source, job.target]},
    )


def enter(
    action: str,
    *,
    object_id: object,
    organization_id: UUID | None = None,
    object_type: str = "move",
    reason: str = "",
    changes: dict[str, Any] | None = None,
) -> None:
    """Write one entry of the platform's record."""
    import_string(settings.PLATFORM_AUDIT)(
        action,
        organization_id=organization_id,
        object_type=object_type,
        object_id=object_id,
        reason=reason,
        changes=changes,
    )
