"""Stages handed to a service that encodes them elsewhere, as far as we have heard of them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.clock import now
from core.ids import new_id
from tenancy.models import SharedModel


class RemoteJob(SharedModel):
    """One stage of one try, encoded elsewhere. Committed before the service is asked, so that it is asked once.

    It holds the lease of its :class:`TranscodeJob` by ``fence``: where the fence moves on, what comes of it is nobody's
    any more, and the service is told to stop.
    """

    tenant_door = "own_rows"
    stays = "a pause ends what is under way; where the organization goes its conversions begin anew"
    door_update_columns = (
        "remote_id", "state", "error_code", "error_message", "permille", "asked_at", "heard_at", "look_at", "ended_at",
    )  # fmt: skip

    class State(models.TextChoices):
        ASKED = "asked"  # written down; whether the service knows of it is not sure
        ACCEPTED = "accepted"
        RUNNING = "running"
        COMPLETE = "complete"  # everything is written, and not published yet
        PUBLISHED = "published"
        FAILED = "failed"
        GIVEN_UP = "given_up"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization_id = models.UUIDField()
    asset_id = models.UUIDField()
    upload_id = models.UUIDField()
    job_id = models.UUIDField()
    rev_id = models.UUIDField()
    stage = models.CharField(max_length=8)
    fence = models.IntegerField()
    # The same for every time that this stage of this revision is asked for.
    token = models.CharField(max_length=64, unique=True)
    # The whole call, as it is made and made again.
    request = models.JSONField()
    # What it is to make: names and shapes of its renditions.
    renditions = models.JSONField(default=list)
    duration_ms = models.BigIntegerField()
    # What the service calls it; empty until it has answered.
    remote_id = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.ASKED)
    permille = models.IntegerField(default=0)
    error_code = models.IntegerField(null=True)
    error_message = models.TextField(blank=True)
    asked_at = models.DateTimeField(default=now)
    heard_at = models.DateTimeField(default=now)
    # When somebody is to look after it next; whoever moves it on is the one.
    look_at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "media_remotejob"
        constraints = [
            models.UniqueConstraint(
                fields=["remote_id"], condition=~Q(remote_id=""), name="media_remotejob_one_remote"
            ),
            models.UniqueConstraint(fields=["job_id", "fence"], name="media_remotejob_one_try"),
        ]
        indexes = [
            models.Index(fields=["look_at"], condition=Q(ended_at__isnull=True), name="media_remotejob_look"),
            models.Index(fields=["asset_id"], condition=Q(ended_at__isnull=True), name="media_remotejob_asset"),
        ]
