"""What is used and never given back: events once by their source's id, folded into days, and who was told of it."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from core.clock import now
from core.ids import new_id
from tenancy.models import EVERY_ROW, SharedModel


class UsageEvent(SharedModel):
    """So much of a meter was used at a moment. Its id is its source's: written twice, it counts once.

    What is read from logs is one row an hour, organization and course, that grows with the log's position.
    """

    tenant_door = "append"
    moves = EVERY_ROW

    id = models.UUIDField(primary_key=True, editable=False)
    organization_id = models.UUIDField()
    meter = models.CharField(max_length=48)
    amount = models.BigIntegerField()
    course_id = models.UUIDField(null=True)
    at = models.DateTimeField(default=now)
    folded_at = models.DateTimeField(null=True)
    # The day that it was counted on, by the account's clock: a test clock moves on, and what was counted stays.
    counted_on = models.DateField(null=True)

    class Meta:
        db_table = "billing_usageevent"
        constraints = [models.CheckConstraint(name="billing_usage_positive", condition=models.Q(amount__gte=0))]
        indexes = [
            models.Index(
                fields=["organization_id"], condition=models.Q(folded_at__isnull=True), name="billing_usage_new"
            ),
            # The nightly comparison of days with what they were counted from, and the purge after it.
            models.Index(fields=["counted_on"], name="billing_usage_counted"),
        ]


class UsageDay(SharedModel):
    """What an organization used of a meter on one day (UTC), by course where that is known.

    ``overage`` is how much of it was beyond what the plan includes, while the organization had chosen to pay for that.
    ``reported`` is how much of the overage Stripe's meter was told: the rest is still to be told.
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
    overage = models.BigIntegerField(default=0, db_default=0)
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
        indexes = [
            # What Stripe has not been told yet.
            models.Index(
                fields=["organization_id"],
                condition=models.Q(overage__gt=models.F("reported")),
                name="billing_usageday_untold",
            ),
        ]


class UsageAlert(SharedModel):
    """A meter reached so much of what an organization has, in one period: its owners are told once.

    The row is the right to tell, and there can be one. ``told_at`` is null until the mails are written.
    """

    tenant_door = "none"
    moves = EVERY_ROW

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization_id = models.UUIDField()
    meter = models.CharField(max_length=48)
    percent = models.SmallIntegerField()
    # First day of the period for meters that begin anew. Gauges have one period without end: their rows go when use
    # has fallen well below again.
    period = models.DateField()
    reached_at = models.DateTimeField(default=now, db_default=Now())
    told_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "billing_usagealert"
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "meter", "percent", "period"], name="billing_usagealert_once"
            ),
        ]


class DeliveryLog(SharedModel):
    """How far a log of delivered bytes has been counted. It moves in the transaction that counts.

    A log is known by its first line, so renaming or copying it makes no other log of it.
    """

    tenant_door = "none"

    id = models.CharField(primary_key=True, max_length=64)
    counted_to = models.BigIntegerField(default=0)
    updated_at = models.DateTimeField(default=now)

    class Meta:
        db_table = "billing_deliverylog"
