"""Which release of the schema each organization has, how a new one goes out, and what does not look as it should."""

from __future__ import annotations

from django.db import models

from core.clock import now
from core.ids import new_id
from tenancy.models import EVERY_ROW, SharedModel


class SchemaRelease(SharedModel):
    """A version of the organization schema: the committed template, named by its hash, and how far it has gone out.

    Columns that came after the first release have defaults of the database: the code before them goes on writing.
    """

    tenant_door = "none"

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        PAUSED = "paused"
        STOPPED = "stopped"
        DONE = "done"

    class Ring(models.TextChoices):
        """The order in which organizations are brought along."""

        CANARY = "canary"
        TENTH = "tenth"
        ALL = "all"

    number = models.IntegerField(primary_key=True)
    template_sha256 = models.CharField(max_length=64)
    recorded_at = models.DateTimeField(default=now)
    name = models.TextField(default="", db_default="")
    sql_sha256 = models.CharField(max_length=64, default="", db_default="")
    # The oldest release whose code can serve a schema of this one.
    min_code = models.IntegerField(default=1, db_default=1)
    state = models.TextField(choices=State, default=State.DONE, db_default=State.DONE)
    ring = models.TextField(choices=Ring, default="", db_default="", blank=True)
    reason = models.TextField(default="", db_default="", help_text="Why it is paused or stopped.")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    # While a runner is at work it says so every few seconds.
    seen_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "tenants_schemarelease"


class SchemaLedger(SharedModel):
    """One organization and one release. It has the release whose ``done`` row was finished last.

    Not the highest: a restore by the code of the release before puts its schema back there. A row is written before
    an organization is brought along only where it has a schema already.
    """

    tenant_door = "none"
    moves = "state = 'done'"  # a move waits for a migration that is under way

    class State(models.TextChoices):
        PENDING = "pending"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey("tenants.Organization", on_delete=models.CASCADE, related_name="+")
    release = models.ForeignKey(SchemaRelease, on_delete=models.RESTRICT, related_name="+")
    state = models.TextField(choices=State, default=State.DONE, db_default=State.DONE)
    ring = models.TextField(choices=SchemaRelease.Ring, default="", db_default="", blank=True)
    attempt = models.IntegerField(default=0, db_default=0)
    error = models.TextField(default="", db_default="", help_text="Why the last attempt came to nothing.")
    run_at = models.DateTimeField(null=True, help_text="Not before this.")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True, default=now)

    class Meta:
        db_table = "tenants_schemaledger"
        constraints = [models.UniqueConstraint(fields=["organization", "release"], name="schemaledger_once")]
        indexes = [models.Index(fields=["release", "state", "ring"], name="schemaledger_claim")]


class DataStepRun(SharedModel):
    """One data step of a release in one organization: rows rewritten in batches, behind its new schema."""

    tenant_door = "none"
    moves = EVERY_ROW

    class State(models.TextChoices):
        PENDING = "pending"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey("tenants.Organization", on_delete=models.CASCADE, related_name="+")
    release = models.ForeignKey(SchemaRelease, on_delete=models.RESTRICT, related_name="+")
    name = models.TextField()
    state = models.TextField(choices=State, default=State.PENDING, db_default=State.PENDING)
    cursor = models.JSONField(default=dict, help_text="Where the next batch begins; the step's own words.")
    rows = models.BigIntegerField(default=0, db_default=0)
    attempt = models.IntegerField(default=0, db_default=0)
    error = models.TextField(default="", db_default="")
    run_at = models.DateTimeField(default=now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "tenants_datasteprun"
        constraints = [models.UniqueConstraint(fields=["organization", "release", "name"], name="datasteprun_once")]
        indexes = [models.Index(fields=["state", "run_at"], name="datasteprun_due")]


class DriftCheck(SharedModel):
    """One look at every schema: does it have what its release's template makes?"""

    tenant_door = "none"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField(default=now)
    checked = models.IntegerField()
    drifted = models.IntegerField()
    # Schemas of a release whose template this code does not hold.
    unknown = models.IntegerField()
    duration_ms = models.IntegerField()

    class Meta:
        db_table = "tenants_driftcheck"
        indexes = [models.Index(fields=["-at"], name="driftcheck_newest")]


class SchemaDrift(SharedModel):
    """An organization whose schema is not what its release's template makes. Gone when it is again."""

    tenant_door = "none"
    stays = "looked at again every night"

    organization = models.OneToOneField(
        "tenants.Organization", on_delete=models.CASCADE, related_name="+", primary_key=True
    )
    release = models.IntegerField()
    differences = models.JSONField(help_text="What is missing, and what is there beside; the first fifty.")
    first_seen_at = models.DateTimeField(default=now)
    seen_at = models.DateTimeField(default=now)

    class Meta:
        db_table = "tenants_schemadrift"
