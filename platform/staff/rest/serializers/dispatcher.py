"""Shapes of the dispatcher's page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rest_framework import serializers

from core.clock import iso
from events import api as events
from staff.console.dispatcher import Dispatcher, Lane


class HeartbeatOut(serializers.Serializer):
    """Who leads. ``alive`` is whether it has said so in the last 20 seconds; the rest is null where none ever led."""

    alive = serializers.BooleanField()
    host = serializers.CharField(allow_null=True)
    pid = serializers.IntegerField(allow_null=True)
    since = serializers.DateTimeField(allow_null=True)
    beat_at = serializers.DateTimeField(allow_null=True)


class BrokerQueue(serializers.Serializer):
    """A queue of the workers. ``pending`` is null where the broker does not answer."""

    name = serializers.CharField()
    pending = serializers.IntegerField(allow_null=True)


class BrokerOut(serializers.Serializer):
    """The broker."""

    reachable = serializers.BooleanField()
    queues = BrokerQueue(many=True)


class DutyOut(serializers.Serializer):
    """A duty of the platform. ``lag_seconds`` counts from when it was due; ``error`` says how it last failed."""

    name = serializers.CharField()
    period_seconds = serializers.FloatField()
    running = serializers.BooleanField()
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    duration_ms = serializers.IntegerField(allow_null=True)
    next_due_at = serializers.DateTimeField(allow_null=True)
    lag_seconds = serializers.IntegerField()
    failed_at = serializers.DateTimeField(allow_null=True)
    error = serializers.CharField(allow_blank=True)


class ScheduleDutyOut(serializers.Serializer):
    """A duty of every organization. ``overdue`` turns are half a minute late or more; ``failing`` are tried again."""

    name = serializers.CharField()
    period_seconds = serializers.FloatField()
    organizations = serializers.IntegerField()
    overdue = serializers.IntegerField()
    failing = serializers.IntegerField()
    in_flight = serializers.IntegerField()
    lag_seconds = serializers.IntegerField()
    last_finished_at = serializers.DateTimeField(allow_null=True)
    error = serializers.CharField(allow_blank=True)


class ScheduleOut(serializers.Serializer):
    """The schedule over all duties and organizations that are in use."""

    count = serializers.IntegerField()
    overdue = serializers.IntegerField()
    lag_seconds = serializers.IntegerField()
    duties = ScheduleDutyOut(many=True)


class LaneBacklog(serializers.Serializer):
    """One of the ten organizations for which most waits."""

    organization_id = serializers.UUIDField()
    organization_name = serializers.CharField(allow_null=True)
    pending = serializers.IntegerField()
    lag_seconds = serializers.IntegerField()


class LaneOut(serializers.Serializer):
    """Work that waits for its turn.

    ``lag_seconds`` is how long the oldest has waited. ``p95_seconds`` is of what was written in the last five minutes,
    the newest two thousand at most; null where nothing was, or where what is done leaves no trace.
    """

    pending = serializers.IntegerField()
    in_flight = serializers.IntegerField()
    parked = serializers.IntegerField()
    lag_seconds = serializers.IntegerField()
    p95_seconds = serializers.FloatField(allow_null=True)
    sampled = serializers.IntegerField()
    backlogs = LaneBacklog(many=True)


class DispatcherLimits(serializers.Serializer):
    """How much of a lane may be with the workers at once: in all, and of one organization."""

    in_flight = serializers.IntegerField()
    in_flight_each = serializers.IntegerField()


class DispatcherOut(serializers.Serializer):
    """The dispatcher at a glance."""

    as_of = serializers.DateTimeField()
    heartbeat = HeartbeatOut()
    broker = BrokerOut()
    duties = DutyOut(many=True)
    schedule = ScheduleOut()
    outbox = LaneOut()
    mails = LaneOut()
    limits = DispatcherLimits()


def dispatcher_out(found: Dispatcher) -> dict[str, Any]:
    """Return the dispatcher as :class:`DispatcherOut`."""
    state, schedule = found.state, found.schedule
    return {
        "as_of": iso(found.as_of),
        "heartbeat": {
            "alive": state.is_alive,
            "host": state.host or None,
            "pid": state.pid,
            "since": _iso(state.since),
            "beat_at": _iso(state.beat_at),
        },
        "broker": {
            "reachable": found.queues is not None,
            "queues": [{"name": name, "pending": (found.queues or {}).get(name)} for name in found.queue_names],
        },
        "duties": [_duty(line) for line in found.duties],
        "schedule": {
            "count": sum(line.organizations for line in schedule),
            "overdue": sum(line.overdue for line in schedule),
            "lag_seconds": max((line.lag_seconds for line in schedule), default=0),
            "duties": [_scheduled(line) for line in schedule],
        },
        "outbox": _lane(found.outbox),
        "mails": _lane(found.mails),
        "limits": {"in_flight": found.in_flight_limit, "in_flight_each": found.in_flight_each_limit},
    }


def _duty(line: events.DutyLine) -> dict[str, Any]:
    return {
        "name": line.name,
        "period_seconds": line.period_seconds,
        "running": line.is_running,
        "started_at": _iso(line.started_at),
        "ended_at": _iso(line.ended_at),
        "duration_ms": line.duration_ms,
        "next_due_at": _iso(line.next_due_at),
        "lag_seconds": line.lag_seconds,
        "failed_at": _iso(line.failed_at),
        "error": line.error,
    }


def _scheduled(line: events.ScheduleLine) -> dict[str, Any]:
    return {
        "name": line.name,
        "period_seconds": line.period_seconds,
        "organizations": line.organizations,
        "overdue": line.overdue,
        "failing": line.failing,
        "in_flight": line.in_flight,
        "lag_seconds": line.lag_seconds,
        "last_finished_at": _iso(line.last_finished_at),
        "error": line.error,
    }


def _lane(lane: Lane) -> dict[str, Any]:
    state = lane.state
    return {
        "pending": state.pending,
        "in_flight": state.in_flight,
        "parked": state.parked,
        "lag_seconds": state.lag_seconds,
        "p95_seconds": state.p95_seconds,
        "sampled": state.sampled,
        "backlogs": [
            {
                "organization_id": str(found.waiting.organization_id),
                "organization_name": found.name,
                "pending": found.waiting.pending,
                "lag_seconds": found.waiting.lag_seconds,
            }
            for found in lane.largest
        ],
    }


def _iso(at: datetime | None) -> str | None:
    return iso(at) if at else None
