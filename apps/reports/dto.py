"""Plain data of the reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.usage import Meter


@dataclass(frozen=True, slots=True)
class Step:
    """One first step and when it was first done, or None."""

    name: str
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class FirstRun:
    """The first steps in the order that makes sense, and when the list was put away."""

    steps: tuple[Step, ...]
    dismissed_at: datetime | None


@dataclass(frozen=True, slots=True)
class CourseUsage:
    """What one course takes. ``course_id`` None: assets that no course, or more than one, shows."""

    course_id: UUID | None
    title: str
    bytes: int
    enrollments: int


@dataclass(frozen=True, slots=True)
class MonthUsage:
    """What happened in one month (``2026-11``), and the bytes that were stored at its end."""

    month: str
    stored_bytes: int
    joined: int
    enrolled: int
    completed: int
    published: int
    film_minutes: int


@dataclass(frozen=True, slots=True)
class OrganizationUsage:
    """Everything of the usage page. The bytes by kind, and those by course, add up to the meter's."""

    meters: tuple[Meter, ...]
    storage: dict[str, int]
    courses: tuple[CourseUsage, ...]
    months: tuple[MonthUsage, ...]
