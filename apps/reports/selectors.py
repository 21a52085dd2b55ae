"""How far an organization is with its beginnings, and what it uses. Counted where it lies, kept nowhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string

import tenancy
from apps.accounts import api as accounts
from apps.courses import api as courses
from apps.enrollments import api as enrollments
from apps.library import api as library
from apps.reports.dto import CourseUsage, FirstRun, MonthUsage, OrganizationUsage, Step
from apps.reports.models import DISMISSED, STEPS, FirstRunMark
from core.clock import now
from core.months import last_months, month_name
from core.usage import Meter
from media import api as media

MONTHS = 12

# What shows that a step was done where no event told: organizations are older than this list. A brand has no such
# sign, for every organization is made with one.
_SIGNS: dict[str, Callable[[], datetime | None]] = {
    "video": library.first_playable_at,
    "course": courses.first_published_at,
    "invitation": accounts.first_invited_at,
    "enrollment": enrollments.first_enrolled_at,
    "progress": enrollments.first_started_at,
}


def first_run() -> FirstRun:
    """Return the bound organization's first steps."""
    marks = dict(FirstRunMark.objects.values_list("step", "at"))
    steps = []
    for name in STEPS:
        at = marks.get(name)
        if at is None and name in _SIGNS:
            at = _SIGNS[name]()
        steps.append(Step(name, at))
    return FirstRun(tuple(steps), marks.get(DISMISSED))


def meters() -> tuple[Meter, ...]:
    """Return every meter of the bound organization, in the order of the settings."""
    return tuple(import_string(path)() for path in settings.USAGE_METERS)


def usage() -> OrganizationUsage:
    """Return what the bound organization uses. Outside any transaction: the ledger of bytes is the platform's."""
    stored = media.stored(tenancy.current().id)
    return OrganizationUsage(
        meters=meters(), storage=stored.by_kind, courses=_by_course(stored), months=_by_month(stored)
    )


def _by_course(stored: media.Stored) -> tuple[CourseUsage, ...]:
    """Bytes by course. An asset that several courses show is counted once, in a line of its own."""
    titles, shown_in, people = courses.titles(), courses.courses_by_asset(), enrollments.open_by_course()
    totals = dict.fromkeys(titles, 0)
    shared = loose = 0
    for asset_id, size in stored.by_asset.items():
        where = shown_in.get(asset_id, set()) & titles.keys()
        if len(where) == 1:
            totals[next(iter(where))] += size
        elif where:
            shared += size
        else:
            loose += size
    loose += stored.total - sum(stored.by_asset.values())
    lines = [CourseUsage(found, titles[found], size, people.get(found, 0)) for found, size in totals.items()]
    lines.sort(key=lambda line: (-line.bytes, -line.enrollments, line.title))
    if shared:
        lines.append(CourseUsage(None, "In several courses", shared, 0))
    if loose:
        lines.append(CourseUsage(None, "In no course", loose, 0))
    return tuple(lines)


def _by_month(stored: media.Stored) -> tuple[MonthUsage, ...]:
    months = last_months(MONTHS, until=now())
    since, names = months[0], [month_name(found) for found in months]
    joined, published = accounts.joined_by_month(since), courses.published_by_month(since)
    enrolled, completed = enrollments.created_by_month(since), enrollments.completed_by_month(since)
    film = library.minutes_by_month(since)
    held = sum(delta for month, delta in stored.by_month.items() if month < names[0])
    lines = []
    for name in names:
        held += stored.by_month.get(name, 0)
        lines.append(
            MonthUsage(
                month=name,
                stored_bytes=held,
                joined=joined.get(name, 0),
                enrolled=enrolled.get(name, 0),
                completed=completed.get(name, 0),
                published=published.get(name, 0),
                film_minutes=film.get(name, 0),
            )
        )
    return tuple(lines)
