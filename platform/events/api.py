"""What other packages may use of events."""

from events.base import DomainEvent, subscriber
from events.broker import lengths as queue_lengths
from events.console import Backlog, backlog, backlogs
from events.delivery import waiting_for
from events.duties import duty
from events.outbox import PublishedOutsideTransaction, publish, publish_for

__all__ = [
    "Backlog",
    "DomainEvent",
    "PublishedOutsideTransaction",
    "backlog",
    "backlogs",
    "duty",
    "publish",
    "publish_for",
    "queue_lengths",
    "subscriber",
    "waiting_for",
]
