"""What the platform tells the people who use it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from core.clock import now
from core.ids import new_id
from tenancy.models import SharedModel


class Announcement(SharedModel):
    """A few lines on chosen surfaces, from a time to a time, for everybody or for some. An empty list means all."""

    tenant_door = "none"

    class Tone(models.TextChoices):
        INFO = "info"
        SUCCESS = "success"
        WARNING = "warning"
        DANGER = "danger"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    title = models.TextField()
    # Plain text; blank lines part paragraphs, addresses become links where it is shown.
    body = models.TextField(default="", blank=True)
    tone = models.TextField(choices=Tone, default=Tone.INFO)
    surfaces = ArrayField(models.TextField())
    organizations = ArrayField(models.UUIDField(), default=list)
    plans = ArrayField(models.TextField(), default=list)
    roles = ArrayField(models.TextField(), default=list)
    starts_at = models.DateTimeField(default=now)
    ends_at = models.DateTimeField(null=True)
    created_by = models.UUIDField()
    created_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(default=now)

    class Meta:
        db_table = "staff_announcement"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")), name="staff_announcement_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(surfaces__contained_by=["learn", "studio", "staff"]) & Q(surfaces__len__gt=0),
                name="staff_announcement_surfaces_known",
            ),
        ]
        indexes = [models.Index(fields=["ends_at", "starts_at"], name="staff_announcement_current")]

    def __str__(self) -> str:
        return self.title
