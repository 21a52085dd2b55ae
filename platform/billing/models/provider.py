"""What goes to Stripe and what comes from there: intents written before a call, events kept as they came."""

from __future__ import annotations

from django.db import models

from core.clock import now
from core.ids import new_id
from tenancy.models import EVERY_ROW, SharedModel


class StripeEvent(SharedModel):
    """A verified event, once, as it came. It only says which object to look at again.

    The payload is erased after ninety days; Stripe itself lists events for thirty.
    """

    tenant_door = "none"

    class State(models.TextChoices):
        NEW = "new"
        DONE = "done"
        IGNORED = "ignored"  # of a kind that says nothing to us, or of a customer that is not ours
        PARKED = "parked"  # failed too often: somebody must look

    id = models.CharField(primary_key=True, max_length=64)
    type = models.CharField(max_length=96)
    account = models.CharField(max_length=64, default="", blank=True)
    livemode = models.BooleanField()
    object_id = models.CharField(max_length=96, default="", blank=True)
    customer = models.CharField(max_length=64, default="", blank=True)
    payload = models.JSONField(null=True)
    # "webhook", or "sweep" where it was found because it had not come.
    came_by = models.CharField(max_length=8, default="webhook")
    created_at = models.DateTimeField()
    received_at = models.DateTimeField(default=now)
    state = models.CharField(max_length=8, choices=State.choices, default=State.NEW)
    attempts = models.SmallIntegerField(default=0)
    run_at = models.DateTimeField(default=now)
    error = models.TextField(default="", blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "billing_stripeevent"
        indexes = [
            models.Index(fields=["run_at"], condition=models.Q(state="new"), name="billing_event_new"),
            models.Index(fields=["object_id"], name="billing_event_object"),
            models.Index(fields=["-received_at"], name="billing_event_newest"),
        ]


class StripeSweep(SharedModel):
    """How far a sweep has come: what Stripe did before ``through_at`` has been looked at."""

    tenant_door = "none"

    name = models.CharField(primary_key=True, max_length=24)
    through_at = models.DateTimeField()

    class Meta:
        db_table = "billing_stripesweep"


class StripeIntent(SharedModel):
    """A call that changes something at Stripe, written before it is made. Its id is the idempotency key.

    Whoever dies in between finds it and makes the same call again: Stripe does it once.
    """

    tenant_door = "none"
    moves = EVERY_ROW

    class State(models.TextChoices):
        OPEN = "open"
        DONE = "done"
        REFUSED = "refused"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization_id = models.UUIDField()
    purpose = models.CharField(max_length=32)
    # One purpose at a time where this is not null: a second press of the button finds the first.
    slot = models.CharField(max_length=96, null=True)  # noqa: DJ001 - absent is not ""
    request = models.JSONField()
    result = models.JSONField(null=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    error = models.TextField(default="", blank=True)
    made_by = models.UUIDField(null=True)
    created_at = models.DateTimeField(default=now)
    # When somebody set out to make the call: a second press waits for them.
    claimed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "billing_stripeintent"
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "slot"],
                condition=models.Q(state="open", slot__isnull=False),
                name="billing_intent_one_open",
            ),
        ]
        indexes = [
            models.Index(fields=["created_at"], condition=models.Q(state="open"), name="billing_intent_open"),
            models.Index(fields=["organization_id", "purpose", "-created_at"], name="billing_intent_history"),
        ]
