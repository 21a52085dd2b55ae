"""The outbox, schedules and idempotency keys. Shared tables: one dispatcher serves everybody at a flat cost."""

from __future__ import annotations

from django.db import models

from core.clock import now
from core.ids import new_id
from tenancy.models import EVERY_ROW, SharedModel

# Messages follow what is still to be delivered of them.
_UNDELIVERED = (
    "EXISTS (SELECT 1 FROM public.events_outboxdelivery d WHERE d.message_id = events_outboxmessage.id"
    " AND d.state IN ('pending', 'parked'))"
)


class OutboxMessage(SharedModel):
    """A fact, written in the transaction that made it true."""

    tenant_door = "append"
    moves = _UNDELIVERED

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization_id = models.UUIDField()
    generation = models.IntegerField()
    type = models.TextField()
    payload = models.JSONField()
    actor_id = models.UUIDField(null=True)
    occurred_at = models.DateTimeField(default=now)

    class Meta:
        db_table = "events_outboxmessage"
        indexes = [
            # Retention drops a day at a time.
            models.Index(fields=["occurred_at"], name="outboxmessage_occurred"),
        ]


class OutboxDelivery(SharedModel):
    """One message for one subscriber. Marked done in the transaction of its effect: exactly once in effect."""

    tenant_door = "own_rows"
    moves = "state IN ('pending', 'parked')"  # what is done is done
    door_update_columns = ("state", "done_at")

    class State(models.TextChoices):
        PENDING = "pending"
        DONE = "done"
        PARKED = "parked"
        VOID = "void"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # No foreign key: the tenant may insert the message but not read it, and messages are dropped by age.
    message_id = models.UUIDField()
    subscriber = models.TextField()
    organization_id = models.UUIDField()
    generation = models.IntegerField()
    type = models.TextField()
    payload = models.JSONField()
    state = models.TextField(choices=State, default=State.PENDING)
    attempts = models.IntegerField(default=0)
    run_at = models.DateTimeField(default=now)
    # Until when a worker has it. Not the same as ``run_at``, which a failure moves: only leases count as in flight.
    lease_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    last_error = models.TextField(default="")
    # The request that asked for it, and its trace: ``core.telemetry.origin``.
    origin = models.JSONField(null=True)

    class Meta:
        db_table = "events_outboxdelivery"
        constraints = [
            models.UniqueConstraint(fields=["message_id", "subscriber"], name="outboxdelivery_once"),
        ]
        indexes = [
            # The relay's question: who has something due, oldest first within an organization.
            models.Index(
                fields=["organization_id", "run_at"], condition=models.Q(state="pending"), name="outboxdelivery_due"
            ),
            # What is with the workers now: a few dozen rows, whatever waits.
            models.Index(
                fields=["organization_id", "lease_until"],
                condition=models.Q(state="pending", lease_until__isnull=False),
                name="outboxdelivery_leased",
            ),
        ]


class IdempotencyKey(SharedModel):
    """The first answer to a request that must not happen twice. Purged after 72 hours."""

    tenant_door = "own_rows"
    moves = EVERY_ROW
    door_update_columns = ("status", "body")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization_id = models.UUIDField()
    generation = models.IntegerField()
    actor_id = models.UUIDField()
    key = models.CharField(max_length=255)
    request_sha256 = models.BinaryField(max_length=32)
    status = models.IntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        db_table = "events_idempotencykey"
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id", "generation", "actor_id", "key"], name="idempotencykey_once"
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotencykey_age")]


class QueuedMail(SharedModel):
    """A mail of an organization on its way out, as ``core.mail.hand_over`` takes it. Deleted once the server has it.

    Written in the transaction of the act that it tells of, and handed out in turn as deliveries are.
    """

    tenant_door = "append"
    moves = EVERY_ROW  # nobody sends one while the organization is frozen

    class State(models.TextChoices):
        PENDING = "pending"
        PARKED = "parked"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization_id = models.UUIDField()
    generation = models.IntegerField()
    message = models.JSONField()
    state = models.TextField(choices=State, default=State.PENDING)
    attempts = models.IntegerField(default=0)
    run_at = models.DateTimeField(default=now)
    lease_until = models.DateTimeField(null=True)
    last_error = models.TextField(default="")
    origin = models.JSONField(null=True)

    class Meta:
        db_table = "events_queuedmail"
        indexes = [
            models.Index(
                fields=["organization_id", "run_at"], condition=models.Q(state="pending"), name="queuedmail_due"
            ),
            models.Index(
                fields=["organization_id", "lease_until"],
                condition=models.Q(state="pending", lease_until__isnull=False),
                name="queuedmail_leased",
            ),
        ]


class ScheduledJob(SharedModel):
    """A periodic duty of one organization: when it is due next, and how its last run ended.

    Rows appear for new organizations and go with deleted ones; those of paused ones rest where they are.
    """

    stays = "periodic work is planned anew where the organization arrives"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization_id = models.UUIDField()
    name = models.TextField()
    period_seconds = models.IntegerField()
    next_run_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    attempts = models.IntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    last_error = models.TextField(default="")

    class Meta:
        db_table = "events_scheduledjob"
        constraints = [models.UniqueConstraint(fields=["organization_id", "name"], name="scheduledjob_once")]
        # What is due is one scan of this, whoever it belongs to.
        indexes = [models.Index(fields=["next_run_at"], name="scheduledjob_due")]


class DutyRun(SharedModel):
    """The last run of one of the platform's duties. While it runs, ``ended_at`` is that of the run before."""

    name = models.TextField(primary_key=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    duration_ms = models.IntegerField(null=True)
    failed_at = models.DateTimeField(null=True)
    last_error = models.TextField(default="")

    class Meta:
        db_table = "events_dutyrun"


class Heartbeat(SharedModel):
    """The dispatcher that leads, and when it last said that it lives. One row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    host = models.TextField()
    pid = models.IntegerField()
    since = models.DateTimeField()
    beat_at = models.DateTimeField()

    class Meta:
        db_table = "events_heartbeat"
        constraints = [models.CheckConstraint(name="heartbeat_one_row", condition=models.Q(id=1))]
