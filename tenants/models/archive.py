"""Taking an organization along, putting it back, ending it: the jobs that do so, and the ledger of erasures."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from core.clock import now
from core.ids import new_id
from tenancy.models import EVERY_ROW, SharedModel


class Erasure(SharedModel):
    """A member whose personal data was erased. A restore of an older archive erases them again before anybody sees it.

    Outside the organization's schema on purpose: an archive made before the erasure must not be able to forget it.
    """

    tenant_door = "append"
    moves = EVERY_ROW
    immutable: ClassVar[bool] = True

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization_id = models.UUIDField()
    member_id = models.UUIDField()
    at = models.DateTimeField(default=now)

    class Meta:
        db_table = "tenants_erasure"
        indexes = [models.Index(fields=["organization_id", "at"], name="tenants_erasure_replay")]


class ArchiveJob(SharedModel):
    """Long work on one organization. A lease gives the right to do it; every write names the fence of the lease.

    ``cursor`` says how far finished parts reach, so that whoever takes over begins behind them.
    """

    tenant_door = "none"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey("tenants.Organization", on_delete=models.RESTRICT, related_name="+")
    state = models.TextField(default="queued")
    stage = models.TextField(default="")
    cursor = models.JSONField(default=dict)
    progress_permille = models.IntegerField(default=0)
    attempts = models.IntegerField(default=0)
    fence = models.IntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    run_at = models.DateTimeField(default=now)
    requested_by_kind = models.TextField(default="system")
    requested_by_id = models.UUIDField(null=True)
    requested_by_name = models.TextField(default="")
    reason = models.TextField(default="")
    error_code = models.TextField(default="")
    error_detail = models.TextField(default="")
    created_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(default=now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class ExportJob(ArchiveJob):
    """One archive of one organization: while it is made, while it can be fetched, and the trace of it afterwards."""

    moves: ClassVar[str] = "state IN ('ready', 'expired')"  # what never became whole stays behind

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        READY = "ready"
        FAILED = "failed"
        EXPIRED = "expired"

    class Origin(models.TextChoices):
        OWNER = "owner"
        STAFF = "staff"
        FINAL = "final"  # made just before a deletion
        BROUGHT = "brought"  # a file that came from outside; never trusted before it is verified

    origin = models.TextField(choices=Origin, default=Origin.OWNER)
    # What the archive shows is the organization at this instant.
    snapshot_at = models.DateTimeField(null=True)
    generation = models.IntegerField(null=True)
    object_key = models.TextField(default="")
    upload_id = models.TextField(default="")
    size_bytes = models.BigIntegerField(null=True)
    tables = models.IntegerField(null=True)
    rows = models.BigIntegerField(null=True)
    objects_count = models.IntegerField(null=True)
    objects_bytes = models.BigIntegerField(null=True)
    missing = models.IntegerField(default=0)
    manifest_sha256 = models.CharField(max_length=64, default="")
    link_sha256 = models.CharField(max_length=64, default="")
    link_expires_at = models.DateTimeField(null=True)
    downloads = models.IntegerField(default=0)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "tenants_exportjob"
        constraints = [
            # A second click, a second tab, a second owner: one export at a time.
            models.UniqueConstraint(
                fields=["organization"], condition=Q(state__in=["queued", "running"]), name="exportjob_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(progress_permille__gte=0, progress_permille__lte=1000), name="exportjob_permille"
            ),
        ]
        indexes = [
            models.Index(fields=["run_at"], condition=Q(state__in=["queued", "running"]), name="exportjob_due"),
            models.Index(fields=["organization", "-created_at"], name="exportjob_history"),
            models.Index(fields=["expires_at"], condition=Q(state="ready"), name="exportjob_expiry"),
        ]


_OF_WHOLE_ARCHIVES = (
    "EXISTS (SELECT 1 FROM public.tenants_exportjob a WHERE a.id = archive_id AND a.state IN ('ready', 'expired'))"
)


class ExportEntry(SharedModel):
    """A file that is whole inside an archive under way. Gone when the archive is: its manifest says the same."""

    tenant_door = "none"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    job = models.ForeignKey(ExportJob, on_delete=models.CASCADE, related_name="entries")
    position = models.IntegerField()
    # ``zip`` is what the central directory needs, ``facts`` what the manifest says.
    name = models.TextField()
    ends_at_byte = models.BigIntegerField()
    zip = models.JSONField()
    facts = models.JSONField()

    class Meta:
        db_table = "tenants_exportentry"
        constraints = [models.UniqueConstraint(fields=["job", "position"], name="exportentry_once")]


class RestoreJob(ArchiveJob):
    """An archive on its way back: built beside the living organization, compared with it, then swapped in at once."""

    moves: ClassVar[str] = _OF_WHOLE_ARCHIVES

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        COMPARED = "compared"  # waits for a person's decision
        SWAPPING = "swapping"
        SWAPPED = "swapped"
        DISCARDING = "discarding"
        DISCARDED = "discarded"
        FAILED = "failed"

    archive = models.ForeignKey(ExportJob, on_delete=models.RESTRICT, related_name="+")
    shadow_schema = models.TextField(default="")
    old_schema = models.TextField(default="")
    old_dropped_at = models.DateTimeField(null=True)
    old_kept_until = models.DateTimeField(null=True)
    comparison = models.JSONField(null=True)
    erasures = models.IntegerField(default=0)
    swapped_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "tenants_restorejob"
        constraints = [
            models.UniqueConstraint(
                fields=["organization"],
                condition=Q(state__in=["queued", "running", "compared", "swapping", "discarding"]),
                name="restorejob_one_at_a_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["run_at"],
                condition=Q(state__in=["queued", "running", "swapping", "discarding"]),
                name="restorejob_due",
            ),
            models.Index(fields=["organization", "-created_at"], name="restorejob_history"),
        ]


class DeletionReport(ArchiveJob):
    """The end of an organization: what was removed from which store, and a search that found nothing left."""

    kept: ClassVar[str] = "the proof of the deletion: counts and ids"

    moves: ClassVar[str] = "final_export_id IS NULL"

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    final_export = models.ForeignKey(ExportJob, null=True, on_delete=models.RESTRICT, related_name="+")
    wants_final_export = models.BooleanField(default=False)
    removed = models.JSONField(default=dict)
    report = models.JSONField(null=True)
    sha256 = models.CharField(max_length=64, default="")

    class Meta:
        db_table = "tenants_deletionreport"
        constraints = [models.UniqueConstraint(fields=["organization"], name="deletionreport_once")]
        indexes = [
            models.Index(fields=["run_at"], condition=Q(state__in=["queued", "running"]), name="deletionreport_due")
        ]
