"""Figures of organizations: counted one schema at a time, in small batches, and kept with the moment they are of."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import OperationalError
from django.db.models import F

import tenancy
from apps.accounts import api as accounts
from apps.courses import api as courses
from apps.enrollments import api as enrollments
from apps.library import api as library
from billing import api as billing
from core.clock import now
from core.errors import NotFound
from events import api as events
from media import api as media
from staff.console.addresses import follow_owners
from staff.console.health import Signs, judge
from staff.models import OrganizationStat
from tenants import api as tenants

_log = logging.getLogger(__name__)

BATCH = 25
SIZE_KEPT_FOR = timedelta(days=1)
SIZES_A_BATCH = 3  # what measuring costs is memory of the connection, so not all of a batch at once
_SERVED = ("active", "read_only")


def ensure_rows() -> int:
    """Give every organization its row; return how many were missing. Platform only."""
    known = set(OrganizationStat.objects.values_list("organization_id", flat=True))
    missing = [found for found in tenants.organization_ids() if found not in known]
    # One that is being moved takes no rows just now: it must not keep everybody else from theirs.
    resting = tenants.frozen_among(missing)
    missing = [found for found in missing if found not in resting]
    OrganizationStat.objects.bulk_create(
        [OrganizationStat(organization_id=found) for found in missing], ignore_conflicts=True
    )
    return len(missing)


def mark_due(organization_id: UUID) -> None:
    """Bring an organization to the front of the line. Platform only."""
    OrganizationStat.objects.filter(organization_id=organization_id).update(due=True)


def refresh(*, limit: int = BATCH) -> int:
    """Count anew whoever is due, then whoever was counted longest ago; return how many. Platform, no transaction."""
    ensure_rows()
    # Whoever is being moved keeps the last count: a row that can't be written would stand first in line for ever.
    waiting = OrganizationStat.objects.select_related("organization").filter(organization__frozen_at__isnull=True)
    rows = list(waiting.order_by("-due", F("as_of").asc(nulls_first=True))[:limit])
    _count(rows)
    return len(rows)


def refresh_one(organization_id: UUID) -> OrganizationStat:
    """Count one organization anew and return its figures: none of one that lives in another cell, which has them.

    Platform, no transaction.

    Raises:
        NotFound: there is no such organization.
    """
    ensure_rows()
    row = OrganizationStat.objects.select_related("organization").filter(organization_id=organization_id).first()
    if row is None:
        cell = tenants.organization_card(organization_id).cell
        return OrganizationStat(organization_id=organization_id, plan="", health_words=[f"Served by the cell {cell}"])
    _count([row])
    return row


def _count(rows: Sequence[OrganizationStat]) -> None:
    ids = [row.organization_id for row in rows]
    backlogs, releases = events.backlogs(ids), tenants.releases_of(ids)
    plans, failed, current = billing.plans_of(ids), media.failed_transcodes(ids), tenants.current_release()
    delivery = media.edge_problems(ids)
    storage = billing.quotas_of(ids, billing.STORAGE_BYTES)
    sizes_left = SIZES_A_BATCH
    resting = tenants.frozen_among(ids)
    for row in rows:
        row.plan = plans[row.organization_id]
        row.release = releases.get(row.organization_id)
        row.failed_jobs = failed.get(row.organization_id, 0)
        waiting = backlogs.get(row.organization_id, events.Backlog())
        row.queue_pending, row.parked, row.queue_oldest_at = waiting.pending, waiting.parked, waiting.oldest_at
        row.storage_bytes, row.limit_bytes = storage.get(row.organization_id, (0, None))
        size_before = row.schema_counted_at
        if row.organization_id not in resting:
            _look_inside(row, measure=sizes_left > 0 and _is_size_old(row))
        sizes_left -= row.schema_counted_at != size_before
        row.health_score, row.health_words = judge(
            Signs(
                state=row.organization.state,
                served=row.organization.state in _SERVED,
                release=row.release,
                current_release=current,
                queue_lag_seconds=waiting.lag_seconds,
                parked=row.parked,
                failed_jobs=row.failed_jobs,
                failed_steps=len(tenants.failed_steps(organization_id=row.organization_id)),
                storage_bytes=row.storage_bytes,
                limit_bytes=row.limit_bytes,
                delivery=delivery.get(row.organization_id, ""),
            )
        )
        if row.organization_id not in resting:
            row.due, row.as_of = False, now()
            row.save()


def _is_size_old(row: OrganizationStat) -> bool:
    return row.schema_counted_at is None or row.schema_counted_at < now() - SIZE_KEPT_FOR


def _measure(row: OrganizationStat) -> None:
    """Measure the bound organization's schema; while somebody holds one of its tables, the last size stands."""
    try:
        found = tenants.schema_size()
    except OperationalError:
        _log.warning("figures.schema_not_measured", extra={"organization_id": str(row.organization_id)})
        return
    row.schema_bytes, row.schema_tables, row.schema_tables_used = found.bytes, found.tables, found.tables_used
    row.schema_counted_at = now()


def _look_inside(row: OrganizationStat, *, measure: bool) -> None:
    """Count what only the organization's schema knows; where it is closed or gone, the last count stands (or none)."""
    if row.organization.state == "deleted":
        row.members = row.courses = row.enrollments = row.film_minutes = 0
        row.last_seen_on = row.release = None
        row.schema_bytes = row.schema_tables = row.schema_tables_used = None
        row.schema_counted_at = None
        return
    if row.organization.state not in tenants.READABLE or row.release is None:
        return
    try:
        with tenancy.bind(row.organization_id):
            people = accounts.head_count()
            row.members, row.last_seen_on = people.members, people.last_seen_on
            row.courses = courses.count_courses()
            row.enrollments = enrollments.count_open()
            row.film_minutes = library.film_minutes()
            if measure:
                _measure(row)
            follow_owners()  # a restore brings its own, and no event
    except NotFound:  # deleted in between
        _log.info("figures.organization_gone", extra={"organization_id": str(row.organization_id)})
