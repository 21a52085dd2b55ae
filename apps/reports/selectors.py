"""How far an organization is with its beginnings, and what it uses. Counted where it lies, kept nowhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

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
_SHARED = "shared"
_NOWHERE: dict[str | None, str] = {_SHARED: "In several courses", None: "In no course"}

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


def month_by_course(delivered: Mapping[UUID | None, int], encoded: Mapping[UUID, int]) -> list[dict[str, Any]]:
    """Return a month's delivered bytes and encoded seconds by course, beside what each stores now.

    ``delivered`` is by course; ``encoded`` by upload, and counts for the course that shows its film. Lines with nothing
    are left out. Outside any transaction: the ledger of bytes is the platform's.
    """
    stored = media.stored(tenancy.current().id)
    titles, shown_in = courses.titles(), courses.courses_by_asset()
    asset_of = media.assets_of_uploads(encoded)
    of_assets: dict[UUID, int] = {}
    for upload_id, seconds in encoded.items():
        asset_id = asset_of.get(upload_id, upload_id)  # of an upload that is gone: in no course
        of_assets[asset_id] = of_assets.get(asset_id, 0) + seconds
    storage = _spread(stored.by_asset, stored.total, titles, shown_in)
    seconds_of = _spread(of_assets, sum(of_assets.values()), titles, shown_in)
    sent: dict[UUID | str | None, int] = dict(delivered.items())
    lines = []
    for key in {*storage, *seconds_of, *sent}:
        line: dict[str, Any] = {
            "course_id": key if isinstance(key, UUID) else None,
            "title": titles.get(key, "A course that was deleted") if isinstance(key, UUID) else _NOWHERE[key],
            "delivered_bytes": sent.get(key, 0),
            "transcode_seconds": seconds_of.get(key, 0),
            "storage_bytes": storage.get(key, 0),
        }
        if line["delivered_bytes"] or line["transcode_seconds"] or line["storage_bytes"]:
            lines.append(line)
    lines.sort(key=lambda line: (line["course_id"] is None, -line["delivered_bytes"], -line["storage_bytes"]))
    return lines


def _by_course(stored: media.Stored) -> tuple[CourseUsage, ...]:
    """Bytes by course. An asset that several courses show is counted once, in a line of its own."""
    titles, people = courses.titles(), enrollments.open_by_course()
    sizes = _spread(stored.by_asset, stored.total, titles, courses.courses_by_asset())
    lines = [CourseUsage(found, titles[found], sizes.get(found, 0), people.get(found, 0)) for found in titles]
    lines.sort(key=lambda line: (-line.bytes, -line.enrollments, line.title))
    lines += [CourseUsage(None, words, sizes[key], 0) for key, words in _NOWHERE.items() if sizes.get(key)]
    return tuple(lines)


def _spread(
    by_asset: Mapping[UUID, int], total: int, titles: Mapping[UUID, str], shown_in: Mapping[UUID, set[UUID]]
) -> dict[UUID | str | None, int]:
    """Return amounts of assets by course: those of several courses, and those of none, under keys of their own."""
    found: dict[UUID | str | None, int] = {None: total - sum(by_asset.values())}
    for asset_id, amount in by_asset.items():
        where = shown_in.get(asset_id, set()) & titles.keys()
        key = next(iter(where)) if len(where) == 1 else _SHARED if where else None
        found[key] = found.get(key, 0) + amount
    return found


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
