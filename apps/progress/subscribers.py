"""What progress does when enrollments change: store the numbers that pages would else compute on each read."""

from __future__ import annotations

from uuid import UUID

from apps.enrollments.events import EnrollmentCreated, EnrollmentsMoved
from apps.progress.services.recalculation import recalculate
from core.clock import now
from events.api import subscriber


@subscriber("progress.open_enrollment", EnrollmentCreated)
def open_enrollment(event: EnrollmentCreated) -> None:
    """Store the progress of a new enrollment: nothing done yet, of so many lessons."""
    recalculate(event.enrollment, at=now())


@subscriber("progress.place_enrollments", EnrollmentsMoved)
def place_enrollments(event: EnrollmentsMoved) -> None:
    """Compute progress on the new version. A looser rule may complete what was partly done."""
    for enrollment_id in event.enrollments:
        recalculate(UUID(enrollment_id), at=now())
