"""What an enrollment has done, and the two caches that say what it amounts to.

Truth: ``ItemFact`` (done), ``WatchMap`` (seconds played), ``PlaySession`` and ``LearningEvent`` (how). They only grow.
Caches: ``ItemProgress`` and ``CourseProgress``, written by the reducer alone; ``progress rebuild --check`` proves them.
Rows that are written every few seconds have room on their page and no index on a column that changes, so that
PostgreSQL updates them in place (HOT).
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from apps.progress.fields import SecondsField
from core.clock import now
from tenancy.models import TenantModel

_PERMILLE = {"percent_permille__gte": 0, "percent_permille__lte": 1000}


class LearningEvent(TenantModel):
    """Something that a person would tell: started, completed. The id is the client's, so a repetition adds nothing."""

    pii: ClassVar[str] = "enrollment"
    export: ClassVar[str] = "all"
    erase: ClassVar[str] = "keep: the member behind it is anonymised"
    immutable: ClassVar[bool] = True

    class Verb(models.TextChoices):
        """Words of xAPI and cmi5."""

        INITIALIZED = "initialized"
        COMPLETED = "completed"

    enrollment = models.ForeignKey(
        "enrollments.Enrollment", on_delete=models.RESTRICT, related_name="+", db_index=False
    )
    item = models.ForeignKey("courses.Item", on_delete=models.RESTRICT, related_name="+", db_index=False)
    verb = models.CharField(max_length=32)
    placement_no = models.PositiveIntegerField()
    occurred_at = models.DateTimeField(help_text="By the device's clock, where it said so.")
    received_at = models.DateTimeField(default=now)
    payload = models.JSONField(default=dict)

    class Meta:
        indexes = (models.Index(fields=["enrollment", "received_at"], name="progress_learningevent_list"),)


class PlaySession(TenantModel):
    """One sitting at the player. ``seqs`` remembers which numbered reports were applied: each counts exactly once."""

    pii: ClassVar[str] = "enrollment"
    export: ClassVar[str] = "all"
    erase: ClassVar[str] = "keep: the member behind it is anonymised"

    enrollment = models.ForeignKey(
        "enrollments.Enrollment", on_delete=models.RESTRICT, related_name="+", db_index=False
    )
    item = models.ForeignKey("courses.Item", on_delete=models.RESTRICT, related_name="+", db_index=False)
    timeline_id = models.UUIDField()
    epoch = models.PositiveSmallIntegerField(default=0)
    placement_no = models.PositiveIntegerField()
    seqs = SecondsField(help_text="The numbers of the reports that were applied.")
    spans = models.JSONField(default=list, help_text="What played, in order, repetition kept.")
    seconds_played = models.PositiveIntegerField(default=0)
    clipped = models.PositiveIntegerField(default=0, help_text="Reports that claimed more than can have played.")
    position_seconds = models.FloatField(default=0)
    started_at = models.DateTimeField(default=now)
    last_at = models.DateTimeField(default=now)

    class Meta:
        indexes = (models.Index(fields=["enrollment", "started_at"], name="progress_playsession_list"),)


class WatchMap(TenantModel):
    """The seconds of a timeline that an enrollment has played, over all devices. It never shrinks."""

    pii: ClassVar[str] = "enrollment"
    export: ClassVar[str] = "all"
    erase: ClassVar[str] = "keep: the member behind it is anonymised"

    id = None  # type: ignore[assignment]
    pk = models.CompositePrimaryKey("enrollment_id", "timeline_id", "epoch")
    enrollment = models.ForeignKey(
        "enrollments.Enrollment", on_delete=models.RESTRICT, related_name="+", db_index=False
    )
    timeline_id = models.UUIDField()
    epoch = models.PositiveSmallIntegerField(default=0)
    asset_id = models.UUIDField(help_text="The asset that the timeline is a cut of.")
    required_seconds = models.PositiveIntegerField(help_text="How many seconds there are to watch.")
    seconds = SecondsField()
    covered = models.PositiveIntegerField(default=0)
    position_seconds = models.FloatField(default=0)
    position_at = models.DateTimeField(default=now, help_text="When the server last heard a position.")

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="progress_watchmap_covered", condition=Q(covered__lte=models.F("required_seconds"))
            ),
        )


class ItemFact(TenantModel):
    """The truth of what was done: an item was completed, passed or waived. Only ever added."""

    pii: ClassVar[str] = "enrollment, actor"
    export: ClassVar[str] = "all"
    erase: ClassVar[str] = "keep: the member behind it is anonymised"
    immutable: ClassVar[bool] = True

    class Kind(models.TextChoices):
        """Completion and success are kept apart (SCORM 2004, xAPI)."""

        COMPLETED = "completed"
        PASSED = "passed"
        WAIVED = "waived"

    class Via(models.TextChoices):
        """What made it so."""

        EVENT = "event"
        ATTEMPT = "attempt"
        MANUAL = "manual"
        IMPORT = "import"
        WAIVER = "waiver"
        CREDIT = "credit"

    enrollment = models.ForeignKey(
        "enrollments.Enrollment", on_delete=models.RESTRICT, related_name="+", db_index=False
    )
    item = models.ForeignKey("courses.Item", on_delete=models.RESTRICT, related_name="+", db_index=False)
    epoch = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=16, choices=Kind)
    at = models.DateTimeField(default=now)
    version = models.ForeignKey("courses.CourseVersion", on_delete=models.RESTRICT, related_name="+", db_index=False)
    via = models.CharField(max_length=16, choices=Via)
    ref_id = models.UUIDField(null=True)
    actor = models.ForeignKey("accounts.Member", null=True, on_delete=models.RESTRICT, related_name="+", db_index=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(name="progress_itemfact_once", fields=["enrollment", "item", "epoch", "kind"]),
            models.CheckConstraint(
                name="progress_itemfact_kind", condition=Q(kind__in=["completed", "passed", "waived"])
            ),
        )


class ItemProgress(TenantModel):
    """Cache: where an enrollment stands with an item. No row means open."""

    pii: ClassVar[str] = "enrollment"
    export: ClassVar[str] = "none: derived"
    erase: ClassVar[str] = "keep: the member behind it is anonymised"

    class State(models.TextChoices):
        """What the outline shows."""

        OPEN = "open"
        STARTED = "started"
        COMPLETED = "completed"

    id = None  # type: ignore[assignment]
    pk = models.CompositePrimaryKey("enrollment_id", "item_id")
    enrollment = models.ForeignKey(
        "enrollments.Enrollment", on_delete=models.RESTRICT, related_name="+", db_index=False
    )
    item = models.ForeignKey("courses.Item", on_delete=models.RESTRICT, related_name="+", db_index=False)
    state = models.CharField(max_length=16, choices=State)
    percent_permille = models.PositiveSmallIntegerField(default=0)
    updated_at = models.DateTimeField(default=now)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="progress_itemprogress_full_is_completed",
                condition=Q(state="completed", percent_permille=1000)
                | (~Q(state="completed") & Q(percent_permille__lt=1000)),
            ),
        )
        indexes = (models.Index(fields=["item", "enrollment"], name="progress_itemprogress_item"),)


class CourseProgress(TenantModel):
    """Cache: the one progress number of an enrollment, of ``version`` by reducer number ``reducer``."""

    pii: ClassVar[str] = "enrollment"
    export: ClassVar[str] = "none: derived"
    erase: ClassVar[str] = "keep: the member behind it is anonymised"

    id = None  # type: ignore[assignment]
    enrollment = models.OneToOneField(
        "enrollments.Enrollment", primary_key=True, on_delete=models.RESTRICT, related_name="+"
    )
    version = models.ForeignKey("courses.CourseVersion", on_delete=models.RESTRICT, related_name="+", db_index=False)
    required = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    percent_permille = models.PositiveSmallIntegerField(default=0)
    next_item = models.ForeignKey(
        "courses.Item", null=True, on_delete=models.RESTRICT, related_name="+", db_index=False
    )
    revision = models.PositiveBigIntegerField(default=0)
    reducer = models.PositiveSmallIntegerField()
    updated_at = models.DateTimeField(default=now)

    class Meta:
        constraints = (
            models.CheckConstraint(name="progress_courseprogress_permille", condition=Q(**_PERMILLE)),
            models.CheckConstraint(name="progress_courseprogress_done", condition=Q(done__lte=models.F("required"))),
        )
