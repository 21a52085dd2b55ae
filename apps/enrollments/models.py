"""Enrollments: a member's run through a course, pointing at the version that they are on.

Moving to another version changes the pointer and adds a Placement; nothing that was done is touched by it.
``completed_at`` and ``passed_at`` are instants, not states: set once, never unset.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from core.clock import now
from tenancy.models import TenantModel

OPEN_STATES = ("requested", "waitlisted", "active", "paused")


class Enrollment(TenantModel):
    """One round of one member through one course."""

    pii: ClassVar[str] = "member"
    export: ClassVar[str] = "all"
    erase: ClassVar[str] = "keep: the member behind it is anonymised"

    class State(models.TextChoices):
        """Whether the member may go on now. Nothing here says whether they have finished."""

        REQUESTED = "requested"
        WAITLISTED = "waitlisted"
        ACTIVE = "active"
        PAUSED = "paused"
        WITHDRAWN = "withdrawn"
        EXPIRED = "expired"
        REJECTED = "rejected"

    class Source(models.TextChoices):
        """How the member came to be on the course."""

        SELF = "self"
        CODE = "code"
        ASSIGNED = "assigned"
        RULE = "rule"
        IMPORT = "import"
        PURCHASE = "purchase"

    member = models.ForeignKey("accounts.Member", on_delete=models.RESTRICT, related_name="+", db_index=False)
    course = models.ForeignKey("courses.Course", on_delete=models.RESTRICT, related_name="+", db_index=False)
    round = models.PositiveSmallIntegerField(default=1)
    version = models.ForeignKey("courses.CourseVersion", on_delete=models.RESTRICT, related_name="+", db_index=False)
    state = models.CharField(max_length=16, choices=State, default=State.ACTIVE)
    state_version = models.PositiveIntegerField(default=1)
    source = models.CharField(max_length=16, choices=Source)
    created_at = models.DateTimeField(default=now)
    started_at = models.DateTimeField(null=True, help_text="The first thing done.")
    completed_at = models.DateTimeField(null=True)
    passed_at = models.DateTimeField(null=True)
    completed_version = models.ForeignKey(
        "courses.CourseVersion", null=True, on_delete=models.RESTRICT, related_name="+", db_index=False
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(name="enrollments_enrollment_round", fields=["member", "course", "round"]),
            models.UniqueConstraint(
                name="enrollments_enrollment_one_open",
                fields=["member", "course"],
                condition=Q(state__in=OPEN_STATES),
            ),
            models.CheckConstraint(
                name="enrollments_enrollment_state",
                condition=Q(state__in=[*OPEN_STATES, "withdrawn", "expired", "rejected"]),
            ),
            models.CheckConstraint(
                name="enrollments_enrollment_completed_where",
                condition=Q(completed_at__isnull=True) | Q(completed_version__isnull=False),
            ),
        )
        indexes = (
            models.Index(fields=["course", "state", "id"], name="enrollments_roster"),
            models.Index(fields=["member", "state"], name="enrollments_home"),
            models.Index(fields=["version"], name="enrollments_on_version", condition=Q(state="active")),
        )


class Placement(TenantModel):
    """The fact that an enrollment was put on a version, and why: all versions it has been on, in order."""

    pii: ClassVar[str] = "by"
    export: ClassVar[str] = "all"
    erase: ClassVar[str] = "keep"
    immutable: ClassVar[bool] = True

    class Reason(models.TextChoices):
        """Why the enrollment is on this version."""

        ENROLLED = "enrolled"
        PUBLISHED = "published"
        STAFF = "staff"
        ASKED = "asked"

    enrollment = models.ForeignKey(Enrollment, on_delete=models.RESTRICT, related_name="+", db_index=False)
    number = models.PositiveIntegerField()
    version = models.ForeignKey("courses.CourseVersion", on_delete=models.RESTRICT, related_name="+", db_index=False)
    reason = models.CharField(max_length=16, choices=Reason)
    by = models.ForeignKey("accounts.Member", null=True, on_delete=models.RESTRICT, related_name="+", db_index=False)
    at = models.DateTimeField(default=now)
    progress_before_permille = models.PositiveSmallIntegerField(null=True)
    progress_after_permille = models.PositiveSmallIntegerField(null=True)
    changes = models.JSONField(default=list)

    class Meta:
        constraints = (models.UniqueConstraint(name="enrollments_placement_number", fields=["enrollment", "number"]),)
