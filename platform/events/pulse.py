"""How the dispatcher does: what the staff console shows of duties, schedules and lanes. Platform only.

Everything is read from PostgreSQL: it answers while Redis is away, which is when somebody looks.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Min, Q, QuerySet

from core.clock import now
from core.ids import first_at, written_at
from events import delivery, mails
from events.admission import Lane
from events.duties import all_duties, tenant_duties
from events.journal import SILENT_AFTER
from events.models import DutyRun, Heartbeat, OutboxDelivery, QueuedMail, ScheduledJob

WINDOW = timedelta(minutes=5)
_SAMPLE = 2_000  # of the newest deliveries, for the lag
_LARGEST = 10
_ERROR_LINE = 500
# A schedule is behind when a turn is this late: looking takes the dispatcher up to a second.
_LATE_AFTER = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class DispatcherState:
    """The dispatcher that leads, or the last that did. ``is_alive`` is whether it has said so lately."""

    is_alive: bool = False
    host: str = ""
    pid: int | None = None
    since: datetime | None = None
    beat_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DutyLine:
    """One duty of the platform and its last run. ``lag_seconds`` is how long it has been due without being begun."""

    name: str
    period_seconds: float
    is_running: bool
    started_at: datetime | None
    ended_at: datetime | None
    duration_ms: int | None
    next_due_at: datetime | None
    lag_seconds: int
    failed_at: datetime | None
    error: str


@dataclass(frozen=True, slots=True)
class ScheduleLine:
    """One duty of organizations: how many have it, and how it goes over all of them."""

    name: str
    period_seconds: float
    organizations: int
    overdue: int
    failing: int
    in_flight: int
    lag_seconds: int
    last_finished_at: datetime | None
    error: str


@dataclass(frozen=True, slots=True)
class WaitingFor:
    """An organization with work that waits. ``lag_seconds`` is how long its oldest has."""

    organization_id: UUID
    pending: int
    lag_seconds: int


@dataclass(frozen=True, slots=True)
class LaneState:
    """A lane as it is now. ``p95_seconds`` is of the ``sampled`` ones that were written in the window: None
    where nothing was."""

    name: str
    pending: int
    in_flight: int
    parked: int
    lag_seconds: int
    p95_seconds: float | None
    sampled: int
    largest: Sequence[WaitingFor]


def dispatcher() -> DispatcherState:
    """Return who leads."""
    beat = Heartbeat.objects.first()
    if beat is None:
        return DispatcherState()
    return DispatcherState(now() - beat.beat_at < SILENT_AFTER, beat.host, beat.pid, beat.since, beat.beat_at)


def duty_lines() -> list[DutyLine]:
    """Return the platform's duties by name; one that has never run has no times."""
    runs = {run.name: run for run in DutyRun.objects.all()}
    return [_duty_line(found.name, found.period_seconds, runs.get(found.name)) for found in _by_name(all_duties())]


def _duty_line(name: str, period_seconds: float, run: DutyRun | None) -> DutyLine:
    if run is None:
        return DutyLine(name, period_seconds, False, None, None, None, None, 0, None, "")
    next_due_at = run.started_at + timedelta(seconds=period_seconds)
    is_running = run.ended_at is None or run.ended_at < run.started_at
    return DutyLine(
        name=name,
        period_seconds=period_seconds,
        is_running=is_running,
        started_at=run.started_at,
        ended_at=run.ended_at,
        duration_ms=run.duration_ms,
        next_due_at=next_due_at,
        lag_seconds=_since(next_due_at),
        failed_at=run.failed_at,
        error=_last_line(run.last_error),
    )


def schedule_lines(*, but: Iterable[UUID] = ()) -> list[ScheduleLine]:
    """Return the duties of organizations by name, over all organizations but the paused ones in ``but``."""
    at = now()
    late = Q(next_run_at__lt=at - _LATE_AFTER)
    rows = ScheduledJob.objects.exclude(organization_id__in=list(but)).values("name")
    counted = rows.annotate(
        organizations=Count("id"),
        overdue=Count("id", filter=late),
        failing=Count("id", filter=Q(attempts__gt=0)),
        in_flight=Count("id", filter=Q(lease_until__gt=at)),
        oldest=Min("next_run_at"),
        last_finished_at=Max("finished_at"),
    )
    found: dict[str, Any] = {row["name"]: row for row in counted}
    errors = dict(
        ScheduledJob.objects.filter(attempts__gt=0)
        .order_by("name", "-started_at")
        .distinct("name")
        .values_list("name", "last_error")
    )
    return [
        ScheduleLine(
            name=duty.name,
            period_seconds=duty.period_seconds,
            organizations=row.get("organizations", 0),
            overdue=row.get("overdue", 0),
            failing=row.get("failing", 0),
            in_flight=row.get("in_flight", 0),
            lag_seconds=_since(row.get("oldest")),
            last_finished_at=row.get("last_finished_at"),
            error=_last_line(errors.get(duty.name, "")),
        )
        for duty in _by_name(tenant_duties())
        for row in [found.get(duty.name, {})]
    ]


def outbox(*, but: Iterable[UUID] = ()) -> LaneState:
    """Return how deliveries go, without those of the paused organizations in ``but``."""
    paused = list(but)
    lags = _delivery_lags(paused)
    return _lane(delivery.LANE, OutboxDelivery.objects.exclude(organization_id__in=paused), lags)


def queued_mails() -> LaneState:
    """Return how mails of organizations go. What has left is no row any more, so there is no p95."""
    return _lane(mails.LANE, QueuedMail.objects.all(), [])


def _lane(lane: Lane, rows: QuerySet[Any], lags: list[float]) -> LaneState:
    waiting = rows.filter(state="pending")
    by_organization = waiting.values_list("organization_id").annotate(n=Count("id"), oldest=Min("run_at"))
    largest = [
        WaitingFor(organization_id, pending, _since(oldest))
        for organization_id, pending, oldest in by_organization.order_by("-n", "organization_id")[:_LARGEST]
    ]
    # The id is a UUIDv7: the order of writing. What backs off waits too, and its first try was long ago.
    oldest = waiting.order_by("id").values_list("id", flat=True).first()
    return LaneState(
        name=lane.name,
        pending=waiting.count(),
        in_flight=lane.in_flight(),
        parked=rows.filter(state="parked").count(),
        lag_seconds=_since(written_at(oldest)) if oldest else 0,
        p95_seconds=round(sorted(lags)[math.ceil(0.95 * len(lags)) - 1], 3) if lags else None,
        sampled=len(lags),
        largest=largest,
    )


def _delivery_lags(but: list[UUID]) -> list[float]:
    """Seconds from writing to effect of the newest deliveries in the window; of what still waits, until now."""
    at = now()
    # The ids carry the time: the window is a range of the key.
    rows = OutboxDelivery.objects.filter(id__gte=first_at(at - WINDOW), id__lt=first_at(at + WINDOW))
    newest = rows.filter(state__in=("pending", "done")).exclude(organization_id__in=but).order_by("-id")
    return [
        max(0.0, ((done_at or at) - written_at(found)).total_seconds())
        for found, done_at in newest.values_list("id", "done_at")[:_SAMPLE]
    ]


def _by_name(duties: list[Any]) -> list[Any]:
    return sorted(duties, key=lambda found: found.name)


def _since(at: datetime | None) -> int:
    return max(0, int((now() - at).total_seconds())) if at else 0


def _last_line(error: str) -> str:
    return error.strip().splitlines()[-1][:_ERROR_LINE] if error.strip() else ""
