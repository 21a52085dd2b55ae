"""Facts about courses that other apps act on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from events.api import DomainEvent


@dataclass(frozen=True)
class CoursePublished(DomainEvent):
    """A course has a new version. ``policy`` says what happens to who is in the middle of the one before."""

    type: ClassVar[str] = "lms.courses.course.published.v1"

    course: UUID
    version: UUID
    number: int
    previous: UUID | None
    policy: str


@dataclass(frozen=True)
class CourseArchived(DomainEvent):
    """A course takes no new learners any more."""

    type: ClassVar[str] = "lms.courses.course.archived.v1"

    course: UUID
