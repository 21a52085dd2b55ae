"""What other packages may use of events."""

from events.base import DomainEvent, subscriber
from events.duties import duty
from events.outbox import PublishedOutsideTransaction, publish, publish_for

__all__ = ["DomainEvent", "PublishedOutsideTransaction", "duty", "publish", "publish_for", "subscriber"]
