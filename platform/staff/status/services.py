"""Checks written down, incidents told, and what the page shows of both. Platform only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Prefetch

from core.clock import now
from core.errors import NotFound, ValidationFailed
from staff import audit
from staff.models import Incident, IncidentUpdate, StatusDay, StatusPart
from staff.status.parts import PARTS

DAYS = 90
HISTORY = timedelta(days=DAYS)
# One check that fails may be the network's; two in a row are ours.
DOWN_AFTER = 2
# Checks come each minute. A part that nobody has checked for this long is not known to be well.
SILENT_AFTER = timedelta(minutes=5)

GOOD, DEGRADED, DOWN, UNKNOWN, MAINTENANCE = "good", "degraded", "down", "unknown", "maintenance"
_OF_INCIDENT = {
    Incident.Impact.DEGRADED: DEGRADED,
    Incident.Impact.OUTAGE: DOWN,
    Incident.Impact.MAINTENANCE: MAINTENANCE,
}
_WORST = (DOWN, DEGRADED, MAINTENANCE, UNKNOWN, GOOD)


@dataclass(frozen=True, slots=True)
class Check:
    """What one look at a part found."""

    key: str
    is_good: bool
    duration_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a part: the share of checks that went well in a thousand, None where there were none."""

    day: date
    good_permille: int | None


@dataclass(frozen=True, slots=True)
class PartLine:
    """A part as the page shows it."""

    key: str
    name: str
    state: str
    days: Sequence[Day]
    good_permille: int | None


@dataclass(frozen=True, slots=True)
class Page:
    """What the page shows. ``checked_at`` is None before the first check."""

    state: str
    as_of: datetime
    checked_at: datetime | None
    parts: Sequence[PartLine]
    going_on: Sequence[Incident]
    coming: Sequence[Incident]
    past: Sequence[Incident]


@transaction.atomic
def record(checks: Iterable[Check]) -> None:
    """Write down what a round of checks found."""
    at = now()
    for check in checks:
        part, made = StatusPart.objects.select_for_update().get_or_create(
            key=check.key, defaults={"since": at, "checked_at": at, "failures": 0 if check.is_good else 1}
        )
        if not made:
            if check.is_good is not (part.failures == 0):
                part.since = at
            part.failures = 0 if check.is_good else part.failures + 1
        part.checked_at, part.duration_ms = at, check.duration_ms
        part.save()
        day, _ = StatusDay.objects.get_or_create(key=check.key, day=at.date())
        column = "good" if check.is_good else "bad"
        StatusDay.objects.filter(id=day.id).update(**{column: F(column) + 1})
    StatusDay.objects.filter(day__lt=at.date() - HISTORY).delete()


def page() -> Page:
    """Return what the public sees now."""
    at = now()
    known = {part.key: part for part in StatusPart.objects.filter(key__in=PARTS)}
    days: dict[str, dict[date, StatusDay]] = {}
    for row in StatusDay.objects.filter(day__gt=at.date() - HISTORY, key__in=PARTS):
        days.setdefault(row.key, {})[row.day] = row
    told = list(_told().filter(started_at__gt=at - HISTORY))
    going_on = [one for one in told if one.resolved_at is None and one.started_at <= at]
    lines = [_line(key, name, known.get(key), days.get(key, {}), going_on, at) for key, name in PARTS.items()]
    checked = [part.checked_at for part in known.values()]
    return Page(
        state=_worst(line.state for line in lines),
        as_of=at,
        checked_at=max(checked) if checked else None,
        parts=lines,
        going_on=going_on,
        coming=[one for one in told if one.resolved_at is None and one.started_at > at],
        past=[one for one in told if one.resolved_at is not None],
    )


def _line(
    key: str, name: str, part: StatusPart | None, days: dict[date, StatusDay], going_on: list[Incident], at: datetime
) -> PartLine:
    today = at.date()
    shown = []
    for back in range(DAYS - 1, -1, -1):
        day = today - timedelta(days=back)
        row = days.get(day)
        shown.append(Day(day, _share([row]) if row else None))
    said = [_OF_INCIDENT[Incident.Impact(one.impact)] for one in going_on if key in one.parts]
    return PartLine(key, name, _worst([checked_state(part, at), *said]), shown, _share(days.values()))


def checked_state(part: StatusPart | None, at: datetime) -> str:
    """Return what the checks alone say of a part."""
    if part is None or at - part.checked_at > SILENT_AFTER:
        return UNKNOWN
    if part.failures == 0:
        return GOOD
    return DOWN if part.failures >= DOWN_AFTER else DEGRADED


def _share(rows: Iterable[StatusDay]) -> int | None:
    found = list(rows)
    good, bad = sum(row.good for row in found), sum(row.bad for row in found)
    return good * 1000 // (good + bad) if good + bad else None


def _worst(states: Iterable[str]) -> str:
    found = set(states)
    return next((state for state in _WORST if state in found), UNKNOWN)


def _told() -> Any:
    newest = Prefetch("updates", queryset=IncidentUpdate.objects.order_by("-at", "-id"))
    return Incident.objects.prefetch_related(newest).order_by("-started_at", "-id")


# -- incidents -------------------------------------------------------------------------------------------------------


def incidents() -> Any:
    """Return every incident with its updates, the newest first."""
    return _told()


def open_incidents() -> list[Incident]:
    """Return what goes on: maintenance that is told of for later does not yet."""
    return list(_told().filter(resolved_at=None, started_at__lte=now()))


def find(incident_id: UUID) -> Incident:
    """Return one with its updates.

    Raises:
        NotFound: there is none.
    """
    found: Incident | None = _told().filter(id=incident_id).first()
    if found is None:
        raise NotFound
    return found


@transaction.atomic
def begin(
    *, created_by: UUID, title: str, impact: str, parts: Sequence[str], body: str, state: str = "investigating",
    started_at: datetime | None = None,
) -> Incident:  # fmt: skip
    """Tell everybody of an incident.

    Raises:
        ValidationFailed: a part is named that there is not, or it begins in the future and is no maintenance.
    """
    row = Incident(title=title, impact=impact, parts=list(dict.fromkeys(parts)), created_by=created_by)
    if started_at is not None:
        row.started_at = started_at
    _check(row)
    row.save(force_insert=True)
    audit.record("incident.begun", object_type="incident", object_id=row.id, changes={"title": [None, title]})
    _say(row, state=state, body=body, created_by=created_by)
    return find(row.id)


@transaction.atomic
def change(incident_id: UUID, **fields: Any) -> Incident:
    """Correct an incident's title, impact or parts. What was said of it stays as it was.

    Raises:
        NotFound: there is none. ValidationFailed: as :func:`begin`.
    """
    row = _locked(incident_id)
    changed = {name: value for name, value in fields.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    _check(row)
    if changed:
        row.save()
        audit.record(
            "incident.changed", object_type="incident", object_id=row.id, changes={"fields": [None, sorted(changed)]}
        )
    return find(row.id)


@transaction.atomic
def say(incident_id: UUID, *, state: str, body: str, created_by: UUID) -> Incident:
    """Add what is known now. ``resolved`` ends the incident, anything else opens it again.

    Raises:
        NotFound: there is none.
    """
    row = _locked(incident_id)
    _say(row, state=state, body=body, created_by=created_by)
    return find(row.id)


def _say(row: Incident, *, state: str, body: str, created_by: UUID) -> None:
    said = IncidentUpdate(incident=row, state=state, body=body, created_by=created_by)
    said.save(force_insert=True)
    resolved_at = max(said.at, row.started_at) if state == IncidentUpdate.State.RESOLVED else None
    if resolved_at != row.resolved_at:
        row.resolved_at = resolved_at
        row.save(update_fields=["resolved_at"])
    audit.record("incident.told", object_type="incident", object_id=row.id, changes={"state": [None, state]})


def _locked(incident_id: UUID) -> Incident:
    found = Incident.objects.select_for_update().filter(id=incident_id).first()
    if found is None:
        raise NotFound
    return found


def _check(row: Incident) -> None:
    errors = {}
    if not row.parts or set(row.parts) - set(PARTS):
        errors["parts"] = "Name one or more of the parts that the page shows."
    if row.started_at > now() and row.impact != Incident.Impact.MAINTENANCE:
        errors["started_at"] = "Only maintenance can be told ahead."
    if errors:
        raise ValidationFailed(errors=errors)
