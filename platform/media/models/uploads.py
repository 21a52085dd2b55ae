"""The object behind an asset: what was uploaded, what was made of it, and the bytes both take."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.clock import now
from core.ids import new_id
from tenancy.models import EVERY_ROW, SharedModel


class Upload(SharedModel):
    """One file on its way from a browser into the object store, and then the source of an asset."""

    tenant_door = "own_rows"
    moves = EVERY_ROW
    door_update_columns = (
        "s3_upload_id", "state", "state_changed_at", "checksum", "probe", "encoding_hold_id", "source_deleted_at",
        "error_code",
    )  # fmt: skip

    class State(models.TextChoices):
        OPEN = "open"
        COMPLETING = "completing"
        RECEIVED = "received"
        REJECTED = "rejected"
        ABORTED = "aborted"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization_id = models.UUIDField()
    member_id = models.UUIDField()
    asset_id = models.UUIDField()
    key = models.CharField(max_length=160, unique=True)
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=100)
    # Made by the browser of name, size and time of change: finds the upload again after a reload.
    fingerprint = models.CharField(max_length=128)
    size_bytes = models.BigIntegerField()
    part_bytes = models.BigIntegerField()
    parts = models.IntegerField()
    s3_upload_id = models.CharField(max_length=1024, blank=True)
    checksum = models.CharField(max_length=128, blank=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.OPEN)
    state_changed_at = models.DateTimeField(default=now)
    reservation_id = models.UUIDField()
    # What the month's encoding is held with while a first encode of it is due or under way.
    encoding_hold_id = models.UUIDField(null=True)
    # What the probe found (``Probe.to_json``), once a worker has looked.
    probe = models.JSONField(null=True)
    error_code = models.CharField(max_length=48, blank=True)
    source_deleted_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "media_upload"
        constraints = [
            models.CheckConstraint(
                name="media_upload_sizes", condition=Q(size_bytes__gt=0, part_bytes__gt=0, parts__gt=0)
            ),
            # Two tabs with one file continue one upload.
            models.UniqueConstraint(
                fields=["organization_id", "member_id", "fingerprint"],
                condition=Q(state="open"),
                name="media_upload_one_open_per_file",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "expires_at"], name="media_upload_sweep"),
            models.Index(fields=["organization_id", "member_id", "state"], name="media_upload_tray"),
            models.Index(fields=["asset_id"], name="media_upload_asset"),
        ]


class StorageEntry(SharedModel):
    """Bytes that came or went. INSERT-only: the sum of an organization equals what its prefix holds."""

    tenant_door = "append"
    moves = EVERY_ROW

    class Kind(models.TextChoices):
        SOURCE = "source"
        RENDITION = "rendition"
        IMAGE = "image"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization_id = models.UUIDField()
    object_prefix = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    delta_bytes = models.BigIntegerField()
    ref_id = models.UUIDField()
    at = models.DateTimeField(default=now)

    class Meta:
        db_table = "media_storageentry"
        indexes = [models.Index(fields=["organization_id", "at"], name="media_storageentry_sum")]
