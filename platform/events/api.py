"""What other packages may use of events."""

from events.base import DomainEvent, subscriber
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
    "subscriber",
    "waiting_for",
]
