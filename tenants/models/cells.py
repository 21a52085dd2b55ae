"""The catalogue of cells, and organizations on their way from one to another."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from core.clock import now
from tenancy.models import SharedModel
from tenants.models.archive import ArchiveJob


class Cell(SharedModel):
    """An app, workers, Redis and PostgreSQL of the same code. Each cell has its own catalogue, with itself in it."""

    tenant_door = "none"

    class State(models.TextChoices):
        OPEN = "open"
        DRAINING = "draining"  # takes no organization from another cell

    name = models.TextField(primary_key=True)
    # The cell whose database this is. A mover compares it with the name it was given: a wrong address moves nothing.
    is_here = models.BooleanField(default=False)
    region = models.TextField(default="")
    capacity = models.IntegerField(default=1500, help_text="Organizations that it may have.")
    state = models.TextField(choices=State, default=State.OPEN)
    # What says whether two cells have the same keys without saying them: a move carries what these have sealed.
    keys_sha256 = models.TextField(default="", db_default="")
    address = models.TextField(
        default="", help_text="host:port at which its front door answers other cells' front doors."
    )
    created_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(default=now)

    class Meta:
        db_table = "tenants_cell"
        constraints = [
            models.UniqueConstraint(fields=["is_here"], condition=Q(is_here=True), name="cell_one_is_here"),
            models.CheckConstraint(condition=Q(name__regex=r"^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$"), name="cell_name"),
            models.CheckConstraint(condition=Q(state__in=["open", "draining"]), name="cell_state"),
            models.CheckConstraint(condition=Q(capacity__gte=0), name="cell_capacity"),
        ]


class Move(ArchiveJob):
    """One organization on its way to another cell, kept by the cell that it leaves.

    ``frozen_at`` names the copy: the target's has the same instant, and what has another is of an earlier try.
    """

    stays: ClassVar[str] = "the record of the cell that did it"
    kept: ClassVar[str] = "where an organization has been: cells, times and counts"

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        MOVED = "moved"  # served by the target; what is left here waits for its day
        DROPPING = "dropping"
        DROPPED = "dropped"
        ABORTING = "aborting"
        ABORTED = "aborted"
        FAILED = "failed"

    source = models.TextField()
    target = models.TextField()
    frozen_at = models.DateTimeField(null=True)
    copied_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)
    flipped_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    drop_after = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)
    tables = models.IntegerField(null=True)
    rows = models.BigIntegerField(null=True)
    bytes = models.BigIntegerField(null=True)
    # [rows, sha256] a table, as read from the source; the target is held against them.
    digests = models.JSONField(default=dict)

    class Meta:
        db_table = "tenants_move"
        constraints = [
            models.UniqueConstraint(
                fields=["organization"],
                condition=Q(state__in=["queued", "running", "aborting"]),
                name="move_one_at_a_time",
            ),
            models.CheckConstraint(condition=~Q(source=models.F("target")), name="move_goes_somewhere"),
        ]
        indexes = [
            models.Index(
                fields=["run_at"], condition=Q(state__in=["queued", "running", "dropping", "aborting"]), name="move_due"
            ),
            models.Index(fields=["drop_after"], condition=Q(state="moved"), name="move_drop"),
            models.Index(fields=["organization", "-created_at"], name="move_history"),
        ]
