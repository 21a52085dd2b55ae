"""Deliver: run the subscriber and mark its delivery done in one transaction."""

from __future__ import annotations

import logging
import traceback
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction

import tenancy
from core.clock import now
from events import base
from events.models import OutboxDelivery

_log = logging.getLogger(__name__)

MAX_ATTEMPTS = 12
MAX_BACKOFF = timedelta(hours=1)
BATCH_PER_ORGANIZATION = 5

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
        row.save(update_fields=["attempts", "last_error", "run_at", "state"])


def due_deliveries(*, limit: int = 200) -> list[tuple[UUID, int, UUID]]:
    """Return (organization, generation, delivery) that are due, at most five an organization: a whale waits its turn.

    Must run on the platform. The loop over organizations skips from one to the next in the index.
    """
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
            )
            SELECT due.organization_id, due.generation, due.id
            FROM organizations o
            CROSS JOIN LATERAL (
              SELECT d.organization_id, d.generation, d.id FROM events_outboxdelivery d
              WHERE d.state = 'pending' AND d.organization_id = o.organization_id AND d.run_at <= %s
              ORDER BY d.run_at LIMIT %s
            ) due
            LIMIT %s
            """,
            [now() - timedelta(seconds=2), BATCH_PER_ORGANIZATION, limit],
        )
        return list(cursor.fetchall())
