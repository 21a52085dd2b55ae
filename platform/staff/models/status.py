"""What the public status page says: how each part does, how it did each day, and what people wrote about it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from core.clock import now
from core.ids import new_id
from tenancy.models import SharedModel


class StatusPart(SharedModel):
    """A part of the product as the last check found it. ``failures`` are those in a row, 0 where it went well."""

    tenant_door = "none"

    key = models.CharField(primary_key=True, max_length=24)
    failures = models.IntegerField(default=0)
    since = models.DateTimeField()
    checked_at = models.DateTimeField()
    duration_ms = models.IntegerField(null=True)

    class Meta:
        db_table = "staff_statuspart"


class StatusDay(SharedModel):
    """How many checks of a part went well and how many failed, on one day in UTC."""

    tenant_door = "none"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.CharField(max_length=24)
    day = models.DateField()
    good = models.IntegerField(default=0)
    bad = models.IntegerField(default=0)

    class Meta:
        db_table = "staff_statusday"
        constraints = [models.UniqueConstraint(fields=["key", "day"], name="staff_statusday_once")]


class Incident(SharedModel):
    """Something that people notice, or work that was announced, told to everybody while it lasts and afterwards."""

    tenant_door = "none"

    class Impact(models.TextChoices):
        DEGRADED = "degraded"
        OUTAGE = "outage"
        MAINTENANCE = "maintenance"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    title = models.TextField()
    impact = models.TextField(choices=Impact)
    parts = ArrayField(models.TextField())
    started_at = models.DateTimeField(default=now)
    resolved_at = models.DateTimeField(null=True)
    created_by = models.UUIDField()
    created_at = models.DateTimeField(default=now)

    class Meta:
        db_table = "staff_incident"
        constraints = [
            models.CheckConstraint(
                condition=Q(resolved_at=None) | Q(resolved_at__gte=F("started_at")),
                name="staff_incident_ends_after_start",
            ),
        ]
        indexes = [models.Index(fields=["-started_at"], name="staff_incident_newest")]

    def __str__(self) -> str:
        return self.title


class IncidentUpdate(SharedModel):
    """What was known at a moment. Never changed afterwards: what was said was said."""

    tenant_door = "none"
    immutable = True

    class State(models.TextChoices):
        INVESTIGATING = "investigating"
        IDENTIFIED = "identified"
        WATCHING = "watching"
        RESOLVED = "resolved"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="updates")
    state = models.TextField(choices=State)
    body = models.TextField()
    at = models.DateTimeField(default=now)
    created_by = models.UUIDField()

    class Meta:
        db_table = "staff_incidentupdate"
        indexes = [models.Index(fields=["incident", "-at"], name="staff_incidentupdate_newest")]
