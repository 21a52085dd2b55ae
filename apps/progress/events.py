"""Facts about progress that other apps act on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from events.api import DomainEvent


@dataclass(frozen=True)
class ItemCompleted(DomainEvent):
    """A lesson is completed: for good, whatever happens to the course."""

    type: ClassVar[str] = "lms.progress.item.completed.v1"

    enrollment: UUID
    item: UUID
    version: UUID
    revision: int


@dataclass(frozen=True)
class CourseCompleted(DomainEvent):
    """Every required lesson of the course is completed. Told once an enrollment."""

    type: ClassVar[str] = "lms.progress.course.completed.v1"

    enrollment: UUID
    member: UUID
    course: UUID
    version: UUID
    revision: int
