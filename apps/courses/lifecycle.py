"""Courses' share in an organization's life: how many its end would take."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from apps.courses.models import Course
from tenants.api import LifecyclePart


class Courses(LifecyclePart):
    """Nothing of a course runs by itself; there is nothing to pause."""

    bound: ClassVar[bool] = True

    def counts(self, organization_id: UUID) -> dict[str, int]:
        """Return the courses that are not in the bin."""
        return {"courses": Course.objects.filter(deleted_at__isnull=True).count()}
