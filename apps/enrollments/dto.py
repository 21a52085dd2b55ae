"""An enrollment as other apps see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class EnrollmentRecord:
    """One round of one member through one course."""

    id: UUID
    member_id: UUID
    course_id: UUID
    version_id: UUID
    state: str
    source: str
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether the member may go on now."""
        return self.state == "active"
