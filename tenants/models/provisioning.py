"""How far each organization's provisioning is, and the schemas that wait for one."""

from __future__ import annotations

from django.db import models

from core.clock import now
from core.ids import new_id
from tenancy.models import EVERY_ROW, SharedModel


class ProvisioningStep(SharedModel):
    """One step of one organization. Only the holder of the organization's advisory lock moves it."""

    tenant_door = "none"
    moves = EVERY_ROW

    class State(models.TextChoices):
        PENDING = "pending"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        COMPENSATED = "compensated"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey("tenants.Organization", on_delete=models.CASCADE, related_name="steps")
    name = models.TextField()
    position = models.IntegerField()
    state = models.TextField(choices=State, default=State.PENDING)
    attempt = models.IntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    error = models.TextField(default="")

    class Meta:
        db_table = "tenants_provisioningstep"
        constraints = [models.UniqueConstraint(fields=["organization", "name"], name="provisioningstep_once")]


class WarmSchema(SharedModel):
    """A schema built ahead of its organization. It is renamed at sign-up, or discarded when the template moves on."""

    tenant_door = "none"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    schema_name = models.TextField(unique=True)
    db_role = models.TextField(unique=True)
    template_sha256 = models.CharField(max_length=64)
    built_at = models.DateTimeField(default=now)

    class Meta:
        db_table = "tenants_warmschema"
        indexes = [models.Index(fields=["template_sha256", "built_at"], name="warmschema_pick")]
