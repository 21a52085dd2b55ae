"""Publish: the fact's message and one delivery a subscriber, in the transaction of the fact."""

from __future__ import annotations

from uuid import UUID

from django.db import connection

from core.ids import new_id
from core.telemetry import origin
from events import base
from events.delivery import LANE
from events.models import OutboxDelivery, OutboxMessage
from tenancy import binding


class PublishedOutsideTransaction(RuntimeError):
    """A fact and its message must commit together."""


class BoundToAnOrganization(RuntimeError):
    """Only the platform publishes on behalf of an organization that it names."""


def publish(event: base.DomainEvent, *, actor_id: UUID | None = None) -> UUID:
    """Write ``event`` for the bound organization and ring for the relay after the commit; return the message's id.

    Raises:
        PublishedOutsideTransaction: no transaction is open.
        tenancy.NoTenantBound: no organization is bound.
    """
    tenant = binding.current()
    return _write(tenant.id, tenant.generation, event, actor_id)


def publish_for(
    organization_id: UUID, generation: int, event: base.DomainEvent, *, actor_id: UUID | None = None
) -> UUID:
    """Write ``event`` for one organization from the platform's transaction; return the message's id.

    Its subscribers run bound to that organization, as soon as it may be bound: while it is suspended they wait.

    Raises:
        PublishedOutsideTransaction: no transaction is open.
        BoundToAnOrganization: an organization is bound; what it does it publishes itself.
    """
    if binding.target().tenant is not None:
        raise BoundToAnOrganization(event.type)
    return _write(organization_id, generation, event, actor_id)


def _write(organization_id: UUID, generation: int, event: base.DomainEvent, actor_id: UUID | None) -> UUID:
    if not connection.in_atomic_block:
        raise PublishedOutsideTransaction(event.type)
    message = OutboxMessage(
        id=new_id(),
        organization_id=organization_id,
        generation=generation,
        type=event.type,
        payload=event.payload(),
        actor_id=actor_id,
    )
    # bulk_create with our own ids needs no RETURNING, which the append door refuses.
    OutboxMessage.objects.bulk_create([message])
    came_from = origin.carried() or None
    deliveries = [
        OutboxDelivery(
            message_id=message.id,
            subscriber=found.name,
            organization_id=organization_id,
            generation=generation,
            type=event.type,
            payload=message.payload,
            run_at=message.occurred_at,
            origin=came_from,
        )
        for found in base.subscribers_of(event.type)
    ]
    if deliveries:
        OutboxDelivery.objects.bulk_create(deliveries)
        LANE.bell.ring_on_commit()
    return message.id
