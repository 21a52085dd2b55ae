"""What is sold: plans, their versions with prices, and what each version brings."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.clock import now
from core.ids import new_id
from tenancy.models import SharedModel


class Plan(SharedModel):
    """A plan by its key. What it costs and brings is its versions'."""

    tenant_door = "none"

    class State(models.TextChoices):
        SOLD = "sold"  # anybody may choose it
        OFFERED = "offered"  # staff put an organization on it
        RETIRED = "retired"  # nobody new; those who have it keep it

    key = models.CharField(primary_key=True, max_length=24)
    name = models.TextField()
    # Lowest first: what "the way up" from a plan is.
    rank = models.SmallIntegerField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.SOLD)
    stripe_product = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001 - absent is not ""

    class Meta:
        db_table = "billing_plan"


class PlanVersion(SharedModel):
    """What a plan cost and brought from one day on. Whoever bought a version keeps it until they change.

    ``prices`` is ``{currency: {"month"|"year": {"seat_minor": int, "stripe_price": str | None}}}`` in minor units for
    one seat and interval; ``overage`` is ``{meter: {currency: {"unit_minor": decimal string, "stripe_price": …}}}``.
    """

    tenant_door = "none"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="versions")
    number = models.IntegerField()
    seats_min = models.IntegerField(default=1)
    prices = models.JSONField(default=dict)
    overage = models.JSONField(default=dict)
    sold_from = models.DateTimeField()
    sold_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        db_table = "billing_planversion"
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="billing_planversion_number"),
            models.UniqueConstraint(
                fields=["plan"], condition=Q(sold_until__isnull=True), name="billing_planversion_one_sold"
            ),
        ]


class Entitlement(SharedModel):
    """What a version brings of one feature: 1 or 0 of a switch; how many of a limit or a meter, null without end."""

    tenant_door = "none"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    version = models.ForeignKey(PlanVersion, on_delete=models.CASCADE, related_name="entitlements")
    feature = models.CharField(max_length=48)
    value = models.BigIntegerField(null=True)
    # Of a limit that grows with the seats bought: so much more for each.
    per_seat = models.BigIntegerField(default=0)

    class Meta:
        db_table = "billing_entitlement"
        constraints = [
            models.UniqueConstraint(fields=["version", "feature"], name="billing_entitlement_one"),
        ]
