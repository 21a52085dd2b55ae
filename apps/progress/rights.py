"""Whether a learner may go on playing: asked at every renewal of a grant."""

from __future__ import annotations

from uuid import UUID

from apps.courses import api as courses
from apps.enrollments import api as enrollments
from apps.enrollments.errors import EnrollmentNotFound
from apps.library.api import playback_right
from apps.progress import policies
from billing.api import SPARE_PERCENT
from core.actor import Actor

RIGHT = "enrollment"


@playback_right(RIGHT, spare_percent=SPARE_PERCENT)
def holds(actor: Actor, enrollment_id: UUID | None, asset_id: UUID) -> bool:
    """Return whether the actor may play, their enrollment is open and its version shows the asset."""
    if enrollment_id is None or not actor.can(policies.PLAY):
        return False
    try:
        found = enrollments.own(enrollment_id, actor.member_id)
    except EnrollmentNotFound:
        return False
    return found.is_open and any(entry.asset_id == asset_id for entry in courses.outline(found.version_id).lessons)
