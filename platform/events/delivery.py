"""Deliver: run the subscriber and mark its delivery done in one transaction."""

from __future__ import annotations

import logging
import traceback
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

import tenancy
from core.clock import now
from events import base
from events.models import OutboxDelivery, OutboxMessage

_log = logging.getLogger(__name__)

MAX_ATTEMPTS = 12
MAX_BACKOFF = timedelta(hours=1)
BATCH_PER_ORGANIZATION = 20
# The nudge after the commit comes first; the relay takes what it missed.
HEAD_START = timedelta(seconds=2)
# A delivery that was handed to a worker is handed out again after this: the message, or the worker, was lost.
LEASE = timedelta(seconds=60)
KEPT_FOR = timedelta(days=14)
_PURGE_BATCH = 1000

State = OutboxDelivery.State


def deliver(delivery_id: UUID) -> bool:
    """Run the delivery for the bound organization; return whether it had an effect now.

    A delivery that is done, parked or another organization's has no effect. An error in the subscriber rolls its
    effect back and leaves the delivery pending with a later ``run_at``; the twelfth parks it with the traceback.
    """
    try:
        with transaction.atomic():
            changed = OutboxDelivery.objects.filter(id=delivery_id, state=State.PENDING).update(
                state=State.DONE, done_at=now()
            )
            if not changed:
                return False
            row = OutboxDelivery.objects.get(id=delivery_id)
            found = base.subscriber_named(row.subscriber)
            if found is None:
                raise LookupError(f"no subscriber is called {row.subscriber}")
            found.handler(found.event.from_payload(row.payload))
            return True
    except Exception:  # noqa: BLE001 - whatever a subscriber raises is recorded and tried again
        _log.exception("outbox.delivery_failed", extra={"delivery_id": str(delivery_id)})
        _record_failure(delivery_id, traceback.format_exc())
        return False


def _record_failure(delivery_id: UUID, error: str) -> None:
    """Back off as the platform: an organization's role may mark deliveries done, nothing else."""
    with tenancy.platform(), transaction.atomic():
        row = OutboxDelivery.objects.select_for_update().filter(id=delivery_id, state=State.PENDING).first()
        if row is None:
            return
        row.attempts += 1
        row.last_error = error[-8000:]
        row.run_at = now() + min(timedelta(seconds=2**row.attempts), MAX_BACKOFF)
        if row.attempts >= MAX_ATTEMPTS:
            row.state = State.PARKED
            _log.error("outbox.delivery_parked", extra={"delivery_id": str(delivery_id), "subscriber": row.subscriber})
        row.save(update_fields=["attempts", "last_error", "run_at", "state"])


def take_due(*, limit: int = 200) -> list[tuple[UUID, int, UUID]]:
    """Lease due deliveries for a minute and return them as (organization, generation, delivery), round robin.

    Each organization's oldest comes before any organization's second: a whale's backlog holds up nobody. What is
    leased is not returned again until its lease ends, so a backlog does not multiply in the queue while workers are
    away. Must run on the platform. The loop over organizations skips from one to the next in the index.
    """
    moment = now()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE organizations AS (
              (SELECT organization_id FROM events_outboxdelivery WHERE state = 'pending'
               ORDER BY organization_id LIMIT 1)
              UNION ALL
              SELECT (SELECT d.organization_id FROM events_outboxdelivery d
                      WHERE d.state = 'pending' AND d.organization_id > o.organization_id
                      ORDER BY d.organization_id LIMIT 1)
              FROM organizations o WHERE o.organization_id IS NOT NULL
            ), fair AS (
              SELECT due.id, due.turn, due.run_at
              FROM organizations o
              CROSS JOIN LATERAL (
                SELECT d.id, d.run_at, row_number() OVER (ORDER BY d.run_at) AS turn
                FROM events_outboxdelivery d
                WHERE d.state = 'pending' AND d.organization_id = o.organization_id AND d.run_at <= %s
                ORDER BY d.run_at LIMIT %s
              ) due
              ORDER BY due.turn, due.run_at LIMIT %s
            ), leased AS (
              UPDATE events_outboxdelivery d SET run_at = %s
              FROM fair WHERE d.id = fair.id AND d.state = 'pending'
              RETURNING d.organization_id, d.generation, d.id, fair.turn, fair.run_at
            )
            SELECT organization_id, generation, id FROM leased ORDER BY turn, run_at
            """,
            [moment - HEAD_START, BATCH_PER_ORGANIZATION, limit, moment + LEASE],
        )
        return list(cursor.fetchall())


def void(organization_id: UUID, *, before_generation: int) -> int:
    """Close what an older self of the organization left undelivered: a restore has brought its own. Platform only.

    Returns how many deliveries were closed. Their rows stay for the report until they are purged.
    """
    return OutboxDelivery.objects.filter(
        organization_id=organization_id, generation__lt=before_generation, state=State.PENDING
    ).update(state=State.VOID, done_at=now())


def purge() -> int:
    """Delete messages older than 14 days whose deliveries are all done or void, with these; return how many.

    Parked deliveries stay, and their messages with them, until somebody has looked. Platform only.
    """
    open_deliveries = OutboxDelivery.objects.filter(message_id=OuterRef("id"), state__in=(State.PENDING, State.PARKED))
    old = OutboxMessage.objects.filter(~Exists(open_deliveries), occurred_at__lt=now() - KEPT_FOR)
    deleted = 0
    while batch := list(old.order_by("occurred_at").values_list("id", flat=True)[:_PURGE_BATCH]):
        with transaction.atomic():
            OutboxDelivery.objects.filter(message_id__in=batch).delete()
            deleted += OutboxMessage.objects.filter(id__in=batch).delete()[0]
    return deleted


def waiting_for(organization_id: UUID) -> int:
    """Return how many deliveries of an organization are still to come. Platform only."""
    return OutboxDelivery.objects.filter(organization_id=organization_id, state=State.PENDING).count()
