"""The outbox in archives: what had happened at the snapshot and had no effect yet.

Effects and their marks commit together, so the pending deliveries of a snapshot are exactly the effects that are not in
it. A restore closes what the replaced generation left and queues the archive's own under the new one.
"""

from __future__ import annotations

from uuid import UUID

from core.ids import new_id
from events import delivery
from events.models import IdempotencyKey, OutboxDelivery, OutboxMessage, QueuedMail, ScheduledJob
from tenants.dto import Archived, ArchivedRows, SharedTable

_PENDING = "state = 'pending'"
_OF_PENDING = f"id IN (SELECT d.message_id FROM public.events_outboxdelivery d WHERE d.{_PENDING})"  # noqa: S608


def settle(organization_id: UUID, generation: int, rows: ArchivedRows) -> None:
    """Void the deliveries of older generations; queue the archive's pending ones under ``generation``."""
    delivery.void(organization_id, before_generation=generation)
    named: dict[str, UUID] = {}
    for row in rows("events_outboxmessage"):
        # A new id: the old message may still be here, delivered or void, and keeps its own story.
        named[row["id"]] = new_id()
        OutboxMessage.objects.bulk_create(
            [
                OutboxMessage(
                    id=named[row["id"]],
                    organization_id=organization_id,
                    generation=generation,
                    type=row["type"],
                    payload=row["payload"],
                    actor_id=row["actor_id"],
                    occurred_at=row["occurred_at"],
                )
            ]
        )
    for row in rows("events_outboxdelivery"):
        OutboxDelivery.objects.bulk_create(
            [
                OutboxDelivery(
                    message_id=named.get(row["message_id"]) or new_id(),
                    subscriber=row["subscriber"],
                    organization_id=organization_id,
                    generation=generation,
                    type=row["type"],
                    payload=row["payload"],
                )
            ]
        )


ARCHIVED = Archived(
    tables=(
        SharedTable(
            OutboxMessage,
            "Facts whose effects were still to come at the time of the export.",
            left_out=("generation",),
            where=_OF_PENDING,
        ),
        SharedTable(
            OutboxDelivery,
            "For each such fact, the part of the product that was still to act on it.",
            left_out=("generation", "last_error", "lease_until", "origin"),
            where=_PENDING,
        ),
    ),
    settle=settle,
    not_archived={
        QueuedMail._meta.db_table: "Mails that were just going out.",
        ScheduledJob._meta.db_table: "When periodic work is due next; it is planned anew.",
        IdempotencyKey._meta.db_table: "answers kept for 72 hours in case a request is sent twice",
    },
)
