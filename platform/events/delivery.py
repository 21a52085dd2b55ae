"""Deliver: run the subscriber and mark its delivery done in one transaction."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

import tenancy
from core.clock import now
from core.ids import written_at
from core.telemetry import metrics, origin, tracebacks
from events import base
from events.admission import Lane
from events.models import OutboxDelivery, OutboxMessage

_log = logging.getLogger(__name__)

MAX_ATTEMPTS = 12
MAX_BACKOFF = timedelta(hours=1)
KEPT_FOR = timedelta(days=14)
_PURGE_BATCH = 1000

State = OutboxDelivery.State


def deliver(delivery_id: UUID) -> bool:
    """Run the delivery for the bound organization; return whether it had an effect now.

    A delivery that is done, parked or another organization's has no effect. An error in the subscriber rolls its
    effect back and leaves the delivery pending with a later ``run_at``; the twelfth parks it. What is kept of the
    error holds no values: staff read it, and it outlives whom it was about.
    """
    came_from: dict[str, str] | None = None
    try:
        with transaction.atomic():
            marked = _mark_done(delivery_id)
            if marked is None:
                return False
            subscriber, payload, came_from = marked
            with origin.continuing(came_from, f"deliver to {subscriber}"), _counted(delivery_id, subscriber):
                found = base.subscriber_named(subscriber)
                if found is None:
                    raise LookupError(f"no subscriber is called {subscriber}")
                found.handler(found.event.from_payload(payload))
            return True
    except Exception as error:  # noqa: BLE001 - whatever a subscriber raises is recorded and tried again
        with origin.continuing(came_from, "record a failed delivery"):
            _log.exception("outbox.delivery_failed", extra={"delivery_id": str(delivery_id)})
            _record_failure(delivery_id, tracebacks.text_of(error))
        return False


@contextmanager
def _counted(delivery_id: UUID, subscriber: str) -> Iterator[None]:
    """Count a try and say how it ended, under the request that asked for it."""
    began = time.perf_counter()
    try:
        yield
    except Exception:
        metrics.DELIVERIES.labels(subscriber, "failed").inc()
        raise
    lag = max(0.0, (now() - written_at(delivery_id)).total_seconds())
    metrics.DELIVERIES.labels(subscriber, "done").inc()
    metrics.DELIVERY_SECONDS.observe(lag)
    told: dict[str, object] = {"delivery_id": str(delivery_id), "subscriber": subscriber}
    told |= {"lag_ms": round(lag * 1000), "dur_ms": round((time.perf_counter() - began) * 1000, 1)}
    _log.info("outbox.delivered", extra=told)


def _mark_done(delivery_id: UUID) -> tuple[str, dict[str, Any], dict[str, str] | None] | None:
    """Mark a pending delivery of the bound organization done; return its subscriber, payload and origin.

    None where it is not pending, or another organization's.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE events_outboxdelivery SET state = 'done', done_at = %s WHERE id = %s AND state = 'pending'"
            " RETURNING subscriber, payload::text, origin::text",
            [now(), delivery_id],
        )
        found = cursor.fetchone()
    return (found[0], json.loads(found[1]), json.loads(found[2] or "null")) if found else None


def _record_failure(delivery_id: UUID, error: str) -> None:
    """Back off as the platform: an organization's role may mark deliveries done, nothing else."""
    with tenancy.platform(), transaction.atomic():
        row = OutboxDelivery.objects.select_for_update().filter(id=delivery_id, state=State.PENDING).first()
        if row is None:
            return
        row.attempts += 1
        row.last_error = error[-8000:]
        row.run_at, row.lease_until = now() + backoff(row.attempts), None
        if row.attempts >= MAX_ATTEMPTS:
            row.state = State.PARKED
            _log.error("outbox.delivery_parked", extra={"delivery_id": str(delivery_id), "subscriber": row.subscriber})
        row.save(update_fields=["attempts", "last_error", "run_at", "lease_until", "state"])


def backoff(attempts: int) -> timedelta:
    """Return how long to wait after so many failures: seconds, doubled each time, at most an hour."""
    return min(timedelta(seconds=2**attempts), MAX_BACKOFF)


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


LANE = Lane(
    name="deliveries",
    table=OutboxDelivery._meta.db_table,
    run=deliver,
    void=lambda organization_id, epoch: void(organization_id, before_generation=epoch),
)
