"""Publish: the fact's message and one delivery a subscriber, in the transaction of the fact."""

from __future__ import annotations

from uuid import UUID

from django.db import connection

from core.ids import new_id
from events import base
from events.models import OutboxDelivery, OutboxMessage
from tenancy import binding
from tenancy.tasks import named


class PublishedOutsideTransaction(RuntimeError):
    """A fact and its message must commit together."""


def publish(event: base.DomainEvent, *, actor_id: UUID | None = None) -> UUID:
    """Write ``event`` for the bound organization and nudge the relay after the commit; return the message's id.

    Raises:
        PublishedOutsideTransaction: no transaction is open.
        tenancy.NoTenantBound: no organization is bound.
    """
    if not connection.in_atomic_block:
        raise PublishedOutsideTransaction(event.type)
    tenant = binding.current()
    message = OutboxMessage(
        id=new_id(),
        organization_id=tenant.id,
        generation=tenant.generation,
        type=event.type,
        payload=event.payload(),
        actor_id=actor_id,
    )
    # bulk_create with our own ids needs no RETURNING, which the append door refuses.
    OutboxMessage.objects.bulk_create([message])
    deliveries = [
        OutboxDelivery(
            message_id=message.id,
            subscriber=found.name,
            organization_id=tenant.id,
            generation=tenant.generation,
            type=event.type,
            payload=message.payload,
            run_at=message.occurred_at,
        )
        for found in base.subscribers_of(event.type)
    ]
    if deliveries:
        OutboxDelivery.objects.bulk_create(deliveries)
        deliver = named("events.tasks.deliver")
        for delivery in deliveries:
            deliver.delay_on_commit(str(delivery.id))
    return message.id
