"""How much an organization may use of something, how much it does, and what is held for work under way."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from core.clock import now
from core.ids import new_id
from tenancy.models import EVERY_ROW, SharedModel


class Quota(SharedModel):
    """One meter of one organization: used, reserved and limit. The database has the last word on the limit.

    ``plan_limit`` is what was sold, null for no limit. ``hard_limit`` is what is enforced: the same, or the amount in
    use where that is already more. Then nothing breaks, and nothing may be added.
    """

    tenant_door = "own_rows"
    moves = EVERY_ROW
    door_verbs = ("SELECT", "UPDATE")
    door_update_columns = ("used", "reserved", "hard_limit", "over_since_at", "updated_at")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization_id = models.UUIDField()
    meter = models.CharField(max_length=48)
    plan_limit = models.BigIntegerField(null=True)
    hard_limit = models.BigIntegerField(null=True)
    used = models.BigIntegerField(default=0)
    reserved = models.BigIntegerField(default=0)
    overage = models.BooleanField(default=False, db_default=False)
    # Of a meter that begins anew each month: the first day of the month that ``used`` counts. Null for a gauge.
    period = models.DateField(null=True)
    over_since_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(default=now)

    class Meta:
        db_table = "billing_quota"
        constraints = [
            models.UniqueConstraint(fields=["organization_id", "meter"], name="billing_quota_one_per_meter"),
            models.CheckConstraint(name="billing_quota_not_negative", condition=Q(used__gte=0, reserved__gte=0)),
            # Uploads race for the last free bytes: whoever loses meets this.
            models.CheckConstraint(
                name="billing_quota_within_limit",
                condition=Q(overage=True) | Q(hard_limit__isnull=True) | Q(hard_limit__gte=F("used") + F("reserved")),
            ),
        ]


class Reservation(SharedModel):
    """An amount held while something is under way. It ends once: committed with what was really used, or released."""

    tenant_door = "own_rows"
    moves = EVERY_ROW
    door_update_columns = ("state", "ended_at", "committed")

    class State(models.TextChoices):
        HELD = "held"
        COMMITTED = "committed"
        RELEASED = "released"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization_id = models.UUIDField()
    meter = models.CharField(max_length=48)
    amount = models.BigIntegerField()
    committed = models.BigIntegerField(null=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.HELD)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "billing_reservation"
        constraints = [
            models.CheckConstraint(name="billing_reservation_positive", condition=Q(amount__gte=0)),
        ]
        indexes = [
            # The sweeper's question: what is held past its time.
            models.Index(fields=["expires_at"], condition=Q(state="held"), name="billing_reservation_held"),
        ]
