"""What a domain event is, and who listens."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

Handler = Callable[[Any], None]


@dataclass(frozen=True)
class DomainEvent:
    """A fact that others may act on: ids and values, never names or mail addresses.

    ``type`` is ``lms.<app>.<noun>.<verb>.v<n>``; a change of the payload is a new version. Subclasses are frozen
    dataclasses whose fields are JSON values or UUIDs.
    """

    type: ClassVar[str]

    def payload(self) -> dict[str, Any]:
        """Return the fields as JSON values."""
        return {name: str(value) if isinstance(value, UUID) else value for name, value in vars(self).items()}

    @classmethod
    def from_payload(cls, payload: dict[str, Any]) -> DomainEvent:
        """Return the event that ``payload`` was made from; fields it does not know are dropped."""
        kinds = {field.name: field.type for field in dataclasses.fields(cls)}
        values = {
            name: UUID(payload[name]) if "UUID" in str(kind) and payload[name] is not None else payload[name]
            for name, kind in kinds.items()
            if name in payload
        }
        return cls(**values)


@dataclass(frozen=True)
class Subscriber:
    """A named listener of one event type. The name is kept in the database: never rename one."""

    name: str
    event: type[DomainEvent]
    handler: Handler


_subscribers: dict[str, Subscriber] = {}


def subscriber(name: str, event: type[DomainEvent]) -> Callable[[Handler], Handler]:
    """Register a handler that runs bound to the event's organization, in one transaction with its delivery mark."""

    def register(handler: Handler) -> Handler:
        if name in _subscribers:
            raise ValueError(f"two subscribers are called {name}")
        _subscribers[name] = Subscriber(name, event, handler)
        return handler

    return register


def subscribers_of(event_type: str) -> list[Subscriber]:
    """Return who listens to ``event_type``."""
    return [found for found in _subscribers.values() if found.event.type == event_type]


def subscriber_named(name: str) -> Subscriber | None:
    """Return the subscriber, or None where the code no longer has it."""
    return _subscribers.get(name)
