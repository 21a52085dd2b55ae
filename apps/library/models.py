"""The library: what an organization has to show, how far it is, and the captions along it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from core.clock import now
from tenancy.models import TenantModel


class AssetQuerySet(models.QuerySet["Asset"]):
    """Assets in the words of the product."""

    def kept(self) -> AssetQuerySet:
        """Everything that is not deleted."""
        return self.filter(deleted_at__isnull=True)


class Asset(TenantModel):
    """A film or a recording. Its id also names the object behind it in the media service."""

    pii: ClassVar[str] = "owner"
    export: ClassVar[str] = "all, with the source file"
    erase: ClassVar[str] = "keep: it belongs to the organization"

    class Kind(models.TextChoices):
        VIDEO = "video"
        AUDIO = "audio"

    class State(models.TextChoices):
        UPLOADING = "uploading"
        PROCESSING = "processing"
        PLAYABLE = "playable"
        READY = "ready"
        FAILED = "failed"

    kind = models.CharField(max_length=8, choices=Kind, default=Kind.VIDEO)
    title = models.CharField(max_length=200)
    owner = models.ForeignKey("accounts.Member", null=True, on_delete=models.RESTRICT, related_name="+", db_index=False)
    state = models.CharField(max_length=12, choices=State, default=State.UPLOADING)
    upload_id = models.UUIDField(null=True)
    # The revision that is played, and its place in the order of stages: 1 remux or fast, 2 ladder.
    current_rev = models.UUIDField(null=True)
    current_rank = models.SmallIntegerField(default=0)
    has_poster = models.BooleanField(default=False)
    duration_ms = models.BigIntegerField(null=True)
    width = models.IntegerField(null=True)
    height = models.IntegerField(null=True)
    has_audio = models.BooleanField(default=False)
    language = models.CharField(max_length=16, blank=True)
    size_bytes = models.BigIntegerField(default=0)
    error_code = models.CharField(max_length=48, blank=True)
    error_title = models.CharField(max_length=200, blank=True)
    error_detail = models.TextField(blank=True)
    is_retryable = models.BooleanField(default=False)
    revision = models.IntegerField(default=1)
    created_at = models.DateTimeField(default=now)
    deleted_at = models.DateTimeField(null=True)

    objects = AssetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="library_asset_playable_has_revision",
                condition=~Q(state__in=["playable", "ready"]) | Q(current_rev__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["-created_at", "-id"], condition=Q(deleted_at__isnull=True), name="library_asset_list"
            ),
        ]


class Timeline(TenantModel):
    """One cut of an asset: its seconds mean the same in every encode. Immutable but for chapters."""

    pii: ClassVar[str] = "none"
    export: ClassVar[str] = "all"
    erase: ClassVar[str] = "keep"

    asset = models.ForeignKey(Asset, on_delete=models.RESTRICT, related_name="timelines", db_index=False)
    number = models.IntegerField()
    # The upload this cut came from: its encodes say so, in whatever order they arrive.
    upload_id = models.UUIDField(unique=True)
    duration_ms = models.BigIntegerField()
    chapters = models.JSONField(default=list)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["asset", "number"], name="library_timeline_number"),
        ]


class AssetRevision(TenantModel):
    """One encode of a timeline, as the media service published it."""

    pii: ClassVar[str] = "none"
    export: ClassVar[str] = "no: it is made of the source"
    erase: ClassVar[str] = "keep"

    class State(models.TextChoices):
        PUBLISHED = "published"
        SUPERSEDED = "superseded"
        FAILED = "failed"

    asset = models.ForeignKey(Asset, on_delete=models.RESTRICT, related_name="revisions")
    timeline = models.ForeignKey(Timeline, on_delete=models.RESTRICT, related_name="+", db_index=False)
    rev = models.UUIDField(unique=True)
    stage = models.CharField(max_length=8)
    state = models.CharField(max_length=12, choices=State, default=State.PUBLISHED)
    is_growing = models.BooleanField(default=False)
    bytes = models.BigIntegerField(default=0)
    published_at = models.DateTimeField(default=now)


class Rendition(TenantModel):
    """One rung of a revision: sizes in pixels, rates in bits a second."""

    pii: ClassVar[str] = "none"
    export: ClassVar[str] = "no: it is made of the source"
    erase: ClassVar[str] = "keep"

    revision = models.ForeignKey(AssetRevision, on_delete=models.CASCADE, related_name="renditions", db_index=False)
    name = models.CharField(max_length=24)
    width = models.IntegerField(null=True)
    height = models.IntegerField(null=True)
    codecs = models.CharField(max_length=64)
    bits = models.IntegerField()
    peak_bits = models.IntegerField()
    bytes = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["revision", "name"], name="library_rendition_name"),
        ]


class CaptionTrack(TenantModel):
    """Text along a timeline in one language. ``text_vtt`` is what players get, made of the cues."""

    pii: ClassVar[str] = "none"
    export: ClassVar[str] = "all"
    erase: ClassVar[str] = "keep"

    class Kind(models.TextChoices):
        CAPTIONS = "captions"
        SUBTITLES = "subtitles"

    timeline = models.ForeignKey(Timeline, on_delete=models.RESTRICT, related_name="captions", db_index=False)
    language = models.CharField(max_length=16)
    label = models.CharField(max_length=80)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.CAPTIONS)
    is_default = models.BooleanField(default=False)
    text_vtt = models.TextField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["timeline", "language", "kind"], name="library_caption_language"),
            models.UniqueConstraint(
                fields=["timeline"], condition=Q(is_default=True), name="library_caption_one_default"
            ),
        ]


class Cue(TenantModel):
    """One caption, in plain text, shown from ``start_ms`` to ``end_ms``."""

    pii: ClassVar[str] = "what is said in the film"
    export: ClassVar[str] = "all"
    erase: ClassVar[str] = "keep"

    track = models.ForeignKey(CaptionTrack, on_delete=models.CASCADE, related_name="cues", db_index=False)
    start_ms = models.BigIntegerField()
    end_ms = models.BigIntegerField()
    text = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="library_cue_order", condition=Q(start_ms__gte=0, end_ms__gt=models.F("start_ms"))
            ),
        ]
        indexes = [models.Index(fields=["track", "start_ms"], name="library_cue_time")]
