"""What the console keeps of organizations: figures as of a moment, notes, and views that somebody saved."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from core.clock import now
from core.ids import new_id
from tenancy.models import EVERY_ROW, SharedModel


class OrganizationStat(SharedModel):
    """An organization's figures as of ``as_of``, so that a list of a thousand needs no look into a thousand schemas.

    Refreshed in small batches, the oldest first. ``due`` brings a row to the front.
    """

    tenant_door = "none"
    moves = EVERY_ROW
    kept = "the tombstone's line in the console, all of it zero"

    organization = models.OneToOneField(
        "tenants.Organization", primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    plan = models.TextField(default="trial")
    members = models.IntegerField(default=0)
    courses = models.IntegerField(default=0)
    enrollments = models.IntegerField(default=0)
    film_minutes = models.IntegerField(default=0)
    storage_bytes = models.BigIntegerField(default=0)
    limit_bytes = models.BigIntegerField(null=True)
    last_seen_on = models.DateField(null=True)
    release = models.IntegerField(null=True)
    schema_bytes = models.BigIntegerField(null=True, help_text="As of schema_counted_at: measured once a day.")
    schema_tables = models.IntegerField(null=True)
    schema_tables_used = models.IntegerField(null=True, help_text="Tables that hold anything.")
    schema_counted_at = models.DateTimeField(null=True)
    queue_pending = models.IntegerField(default=0)
    queue_oldest_at = models.DateTimeField(null=True)
    parked = models.IntegerField(default=0)
    failed_jobs = models.IntegerField(default=0)
    health_score = models.SmallIntegerField(default=100)
    health_words = ArrayField(models.TextField(), default=list)
    due = models.BooleanField(default=True)
    as_of = models.DateTimeField(null=True)

    class Meta:
        db_table = "staff_organizationstat"
        indexes = [
            models.Index(fields=["-due", "as_of"], name="staff_stat_next"),
            models.Index(fields=["health_score"], name="staff_stat_health"),
            models.Index(fields=["-storage_bytes"], name="staff_stat_storage"),
        ]


class OwnerAddress(SharedModel):
    """The keyed hash of an owner's address: staff who know it find the organization, nobody can read it back.

    Written by the organization itself when its owners change.
    """

    tenant_door = "own_rows"
    moves = EVERY_ROW
    door_verbs = ("SELECT", "INSERT", "DELETE")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization_id = models.UUIDField()
    member_id = models.UUIDField()
    email_hmac = models.CharField(max_length=64)

    class Meta:
        db_table = "staff_owneraddress"
        constraints = [models.UniqueConstraint(fields=["organization_id", "member_id"], name="staff_owneraddress_once")]
        indexes = [models.Index(fields=["email_hmac"], name="staff_owneraddress_find")]


class OrganizationNote(SharedModel):
    """What staff wrote down about an organization. Never edited: a correction is another note."""

    tenant_door = "none"
    moves = EVERY_ROW

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization_id = models.UUIDField()
    author_id = models.UUIDField()
    author_name = models.TextField()
    body = models.TextField()
    created_at = models.DateTimeField(default=now)

    class Meta:
        db_table = "staff_organizationnote"
        indexes = [models.Index(fields=["organization_id", "-created_at"], name="staff_note_newest")]


class SavedView(SharedModel):
    """Filters of the organizations' list that a person wants again."""

    tenant_door = "none"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey("staff.StaffAccount", on_delete=models.CASCADE, related_name="+")
    name = models.TextField()
    query = models.TextField()
    created_at = models.DateTimeField(default=now)

    class Meta:
        db_table = "staff_savedview"
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="staff_savedview_name_once")]
