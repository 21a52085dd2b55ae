"""Feature flags: who has a thing that not everybody has yet."""

from __future__ import annotations

from django.db import models

from core.clock import now
from core.ids import new_id
from tenancy.models import SharedModel


class FeatureFlag(SharedModel):
    """A switch with an owner and an end: past ``expires_on`` it goes on as it is, and the console says so loudly."""

    tenant_door = "none"

    key = models.TextField(primary_key=True)
    description = models.TextField(default="", blank=True)
    owner = models.TextField(help_text="The person or team that removes it.")
    expires_on = models.DateField()
    # Off for everybody, whatever the rules say.
    kill = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(default=now)

    class Meta:
        db_table = "staff_featureflag"

    def __str__(self) -> str:
        return self.key


class FlagRule(SharedModel):
    """One reason to have the feature. Any one that fits is enough."""

    tenant_door = "none"

    class Kind(models.TextChoices):
        ORGANIZATION = "organization"
        PLAN = "plan"
        PERMILLE = "permille"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    flag = models.ForeignKey(FeatureFlag, on_delete=models.CASCADE, related_name="rules")
    kind = models.TextField(choices=Kind)
    value = models.TextField(help_text="An organization's id, a plan's key, or 0..1000.")

    class Meta:
        db_table = "staff_flagrule"
        constraints = [models.UniqueConstraint(fields=["flag", "kind", "value"], name="staff_flagrule_once")]
