"""Encodes: the jobs that make them and the immutable revisions that come of them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.clock import now
from core.ids import new_id
from tenancy.models import EVERY_ROW, SharedModel


class TranscodeJob(SharedModel):
    """One stage of one upload. A lease gives the right to run it; every write names the fence it was leased with.

    ``first`` is what makes an upload playable: the probe then says whether it is a ``remux`` or a ``fast`` encode, and
    the row takes that name. ``ladder`` follows.
    """

    tenant_door = "own_rows"
    moves = EVERY_ROW
    door_update_columns = (
        "stage", "rev_id", "state", "attempt", "lease_until", "progress_permille", "eta_seconds", "cost_seconds",
        "error_code", "error_title", "error_detail", "error_kind", "run_at", "finished_at",
    )  # fmt: skip

    class Stage(models.TextChoices):
        FIRST = "first"
        REMUX = "remux"
        FAST = "fast"
        LADDER = "ladder"

    class State(models.TextChoices):
        QUEUED = "queued"
        LEASED = "leased"
        DONE = "done"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization_id = models.UUIDField()
    asset_id = models.UUIDField()
    upload_id = models.UUIDField()
    rev_id = models.UUIDField(null=True)
    stage = models.CharField(max_length=8, choices=Stage.choices, default=Stage.FIRST)
    # Which ladder made it: a later table of rungs is another profile.
    profile = models.CharField(max_length=32, default="h264-v1")
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    attempt = models.IntegerField(default=0)
    lost = models.IntegerField(default=0)
    fence = models.IntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    leased_at = models.DateTimeField(null=True)
    run_at = models.DateTimeField(default=now)
    progress_permille = models.IntegerField(default=0)
    eta_seconds = models.IntegerField(null=True)
    cost_seconds = models.FloatField(default=0)
    error_code = models.CharField(max_length=48, blank=True)
    error_title = models.CharField(max_length=200, blank=True)
    error_detail = models.TextField(blank=True)
    error_kind = models.CharField(max_length=12, blank=True)
    created_at = models.DateTimeField(default=now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "media_transcodejob"
        constraints = [
            models.UniqueConstraint(
                fields=["asset_id", "rev_id", "stage", "profile"], name="media_transcodejob_identity"
            ),
            # A double click on Retry, or a repeated completion, makes one job.
            models.UniqueConstraint(
                fields=["upload_id"],
                condition=Q(state__in=["queued", "leased"], stage__in=["first", "remux", "fast"]),
                name="media_transcodejob_one_first",
            ),
            models.UniqueConstraint(
                fields=["upload_id"],
                condition=Q(state__in=["queued", "leased"], stage="ladder"),
                name="media_transcodejob_one_ladder",
            ),
            models.CheckConstraint(
                name="media_transcodejob_permille", condition=Q(progress_permille__gte=0, progress_permille__lte=1000)
            ),
        ]
        indexes = [
            models.Index(fields=["run_at"], condition=Q(state="queued"), name="media_transcodejob_due"),
            models.Index(fields=["lease_until"], condition=Q(state="leased"), name="media_transcodejob_leases"),
            # Fairness asks when an organization was last served.
            models.Index(fields=["organization_id", "leased_at"], name="media_transcodejob_served"),
            models.Index(fields=["asset_id", "created_at"], name="media_transcodejob_asset"),
        ]


class Revision(SharedModel):
    """One encode under a prefix of its own, ``t/<organization>/v/<asset>/<id>/``. Written once, never overwritten."""

    tenant_door = "own_rows"
    moves = EVERY_ROW
    door_update_columns = ("state", "bytes", "published_at", "ended_at", "duration_ms", "renditions", "is_growing")

    class State(models.TextChoices):
        BUILDING = "building"
        PUBLISHED = "published"
        SUPERSEDED = "superseded"
        FAILED = "failed"
        PURGED = "purged"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization_id = models.UUIDField()
    asset_id = models.UUIDField()
    upload_id = models.UUIDField()
    job_id = models.UUIDField()
    stage = models.CharField(max_length=8, choices=TranscodeJob.Stage.choices)
    state = models.CharField(max_length=12, choices=State.choices, default=State.BUILDING)
    is_growing = models.BooleanField(default=False)
    has_poster = models.BooleanField(default=False)
    duration_ms = models.BigIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    renditions = models.JSONField(default=list)
    created_at = models.DateTimeField(default=now)
    published_at = models.DateTimeField(null=True)
    # When it stopped being played (superseded) or was given up (failed): the purge counts from here.
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "media_revision"
        indexes = [
            models.Index(fields=["asset_id", "created_at"], name="media_revision_asset"),
            models.Index(
                fields=["ended_at"], condition=Q(state__in=["superseded", "failed"]), name="media_revision_purge"
            ),
        ]
