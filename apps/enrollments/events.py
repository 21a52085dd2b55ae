"""Facts about enrollments that other apps act on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from events.api import DomainEvent


@dataclass(frozen=True)
class EnrollmentCreated(DomainEvent):
    """A member is on a course, for the first time or again."""

    type: ClassVar[str] = "lms.enrollments.enrollment.created.v1"

    enrollment: UUID
    member: UUID
    course: UUID
    version: UUID


@dataclass(frozen=True)
class EnrollmentsMoved(DomainEvent):
    """These enrollments are on another version now; at most 500 in one event."""

    type: ClassVar[str] = "lms.enrollments.enrollment.moved.v1"

    course: UUID
    version: UUID
    enrollments: list[str]


@dataclass(frozen=True)
class EnrollmentStateChanged(DomainEvent):
    """An enrollment was closed or opened again."""

    type: ClassVar[str] = "lms.enrollments.enrollment.state_changed.v1"

    enrollment: UUID
    member: UUID
    course: UUID
    was: str
    state: str
