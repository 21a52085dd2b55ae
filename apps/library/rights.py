"""By what right someone plays. The studio's previews are answered here; enrollments by the app that has them."""

from __future__ import annotations

from uuid import UUID

from apps.library import policies
from core.actor import Actor
from media.api import playback_right

LIBRARY = "library"
ENROLLMENT = "enrollment"


@playback_right(LIBRARY)
def may_preview(actor: Actor, right_id: UUID | None, asset_id: UUID) -> bool:
    """Whoever may see the library may see what is in it."""
    return actor.can(policies.VIEW)
