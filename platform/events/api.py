"""What other packages may use of events."""

from events.base import DomainEvent, subscriber
from events.broker import has_room
from events.broker import lengths as queue_lengths
from events.console import Backlog, backlog, backlogs
from events.delivery import waiting_for
from events.duties import duty, tenant_duty
from events.mails import enqueue_for as queue_mail_for
from events.outbox import PublishedOutsideTransaction, publish, publish_for
from events.pulse import (
    DispatcherState,
    DutyLine,
    LaneState,
    ScheduleLine,
    WaitingFor,
    dispatcher,
    duty_lines,
    outbox,
    queued_mails,
    schedule_lines,
)
from events.schedule import run_soon

__all__ = [
    "Backlog",
    "DispatcherState",
    "DomainEvent",
    "DutyLine",
    "LaneState",
    "PublishedOutsideTransaction",
    "ScheduleLine",
    "WaitingFor",
    "backlog",
    "backlogs",
    "dispatcher",
    "duty",
    "duty_lines",
    "has_room",
    "outbox",
    "publish",
    "publish_for",
    "queue_lengths",
    "queue_mail_for",
    "queued_mails",
    "run_soon",
    "schedule_lines",
    "subscriber",
    "tenant_duty",
    "waiting_for",
]
