"""The dispatcher for the console: who leads, what is late, whose work waits. Platform only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from core.clock import now
from events import api as events
from staff.console.fleet import PAUSED
from staff.models import OrganizationStat
from tenants import api as tenants

QUEUES = ("default", "events", "media", "provisioning", "archive")


@dataclass(frozen=True, slots=True)
class Backlog:
    """An organization whose work waits; ``name`` is None where it is gone."""

    waiting: events.WaitingFor
    name: str | None


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane, and the organizations that wait most in it."""

    state: events.LaneState
    largest: Sequence[Backlog]


@dataclass(frozen=True, slots=True)
class Dispatcher:
    """What the page shows. ``queues`` is None where the broker does not answer."""

    queue_names = QUEUES

    as_of: datetime
    state: events.DispatcherState
    queues: dict[str, int] | None
    duties: Sequence[events.DutyLine]
    schedule: Sequence[events.ScheduleLine]
    outbox: Lane
    mails: Lane
    in_flight_limit: int
    in_flight_each_limit: int


def dispatcher() -> Dispatcher:
    """Return how the dispatcher does now. Nothing of it comes from Redis but the lengths of queues."""
    paused = list(
        OrganizationStat.objects.filter(organization__state__in=PAUSED).values_list("organization_id", flat=True)
    )
    lengths = events.queue_lengths(QUEUES)
    outbox, mails = events.outbox(but=paused), events.queued_mails()
    names = tenants.organization_names(
        {waiting.organization_id for lane in (outbox, mails) for waiting in lane.largest}
    )

    def named(state: events.LaneState) -> Lane:
        return Lane(state, [Backlog(waiting, names.get(waiting.organization_id)) for waiting in state.largest])

    return Dispatcher(
        as_of=now(),
        state=events.dispatcher(),
        queues=None if lengths is None else dict(zip(QUEUES, lengths, strict=True)),
        duties=events.duty_lines(),
        schedule=events.schedule_lines(but=paused),
        outbox=named(outbox),
        mails=named(mails),
        in_flight_limit=settings.JOBS_IN_FLIGHT,
        in_flight_each_limit=settings.JOBS_IN_FLIGHT_EACH,
    )
