"""What is used and never given back: events once by their source's id, folded into days, and who was told of it."""

from __future__ import annotations

from django.db import models

from core.clock import now
from core.ids import new_id
from tenancy.models import EVERY_ROW, SharedModel


class UsageEvent(SharedModel):
    """So much of a meter was used at a moment. Its id is its source's: written twice, it counts once."""

    tenant_door = "append"
    moves = EVERY_ROW

    id = models.UUIDField(primary_key=True, editable=False)
    organization_id = models.UUIDField()
    meter = models.CharField(max_length=48)
    amount = models.BigIntegerField()
    course_id = models.UUIDField(null=True)
    at = models.DateTimeField(default=now)
    folded_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "billing_usageevent"
        constraints = [models.CheckConstraint(name="billing_usage_positive", condition=models.Q(amount__gte=0))]
        indexes = [
            models.Index(
                fields=["organization_id"], condition=models.Q(folded_at__isnull=True), name="billing_usage_new"
            )
        ]


class UsageDay(SharedModel):
    """What an organization used of a meter on one day (UTC), by course where that is known.

    ``reported`` is how much of it Stripe's meter was told: the rest is still to be told.
    """

    tenant_door = "own_rows"
    door_verbs = ("SELECT",)
    moves = EVERY_ROW

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization_id = models.UUIDField()
    meter = models.CharField(max_length=48)
    on = models.DateField()
    course_id = models.UUIDField(null=True)
    amount = models.BigIntegerField(default=0)
    reported = models.BigIntegerField(default=0)

    class Meta:
        db_table = "billing_usageday"
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "meter", "on", "course_id"],
                nulls_distinct=False,
                name="billing_usageday_one",
            ),
        ]


class UsageAlert(SharedModel):
    """Owners were told that a meter reached so much of what they have, in one period: once."""

    tenant_door = "none"
    moves = EVERY_ROW

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization_id = models.UUIDField()
    meter = models.CharField(max_length=48)
    percent = models.SmallIntegerField()
    # First day of the period for meters that begin anew; for gauges the day on which use last was below.
    period = models.DateField()
    told_at = models.DateTimeField(default=now)

    class Meta:
        db_table = "billing_usagealert"
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "meter", "percent", "period"], name="billing_usagealert_once"
            ),
        ]
