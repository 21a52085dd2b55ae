"""Periodic duties of organizations: a row for each, so that what is due is one scan and no walk over schemas."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django_tenants.utils import get_tenant_model

import tenancy
from core.clock import now
from core.telemetry import tracebacks
from events.admission import FIRST, LEASE, Claimed, Lane
from events.delivery import MAX_BACKOFF
from events.duties import tenant_duties
from events.models import ScheduledJob

_log = logging.getLogger(__name__)

_SERVING = ["active", "read_only"]
_RETRY_SECONDS = 60
_JITTER_BITS = 48


def offset_seconds(organization_id: UUID, period_seconds: int) -> int:
    """Return where in each period an organization's turn is: the last bits of its id, for the first are the clock."""
    return int(organization_id) % 2**_JITTER_BITS % period_seconds


def keep() -> int:
    """Give every organization in use its rows, and take those of what is gone; return how many changed. Platform only.

    Two statements, however many organizations there are. A paused organization keeps its rows, and nothing claims them.
    """
    duties = {found.name: round(found.period_seconds) for found in tenant_duties()}
    values: dict[str, Any] = {
        "names": list(duties),
        "periods": list(duties.values()),
        "now": now(),
        "serving": _SERVING,
        "cell": settings.CELL,
        "bits": 2**_JITTER_BITS,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_INSERT.format(organizations=_organizations()), values)
        added = cursor.rowcount
        cursor.execute(_DELETE.format(organizations=_organizations()), values)
        return int(added + cursor.rowcount)


def _organizations() -> str:
    return str(get_tenant_model()._meta.db_table)


def run_soon(organization_id: UUID, name: str) -> None:
    """Let a duty of an organization be due now, whenever its turn is; the turns after that stay. Platform only.

    Raises:
        LookupError: organizations have no duty of this name.
    """
    found = next((one for one in tenant_duties() if one.name == name), None)
    if found is None:
        raise LookupError(name)
    ScheduledJob.objects.update_or_create(
        organization_id=organization_id,
        name=name,
        defaults={"next_run_at": now()},
        create_defaults={"next_run_at": now(), "period_seconds": round(found.period_seconds)},
    )


class Schedule(Lane):
    """What is due of the schedule. An organization has a row a duty and no more, so the longest due may go first."""

    def claim(
        self, *, each: int, most: int, after: UUID = FIRST, but: Iterable[UUID] = (), lease: timedelta = LEASE
    ) -> list[Claimed]:
        """See :meth:`Lane.claim`. What a worker holds is not claimed again until its lease ends."""
        moment = now()
        values: dict[str, Any] = {"now": moment, "until": moment + lease, "most": most, "but": list(but)}
        values |= {"serving": _SERVING, "cell": settings.CELL}
        with connection.cursor() as cursor:
            cursor.execute(_CLAIM.format(organizations=_organizations()), values)
            return [Claimed(*row) for row in cursor.fetchall()]

    def in_flight(self) -> int:
        """See :meth:`Lane.in_flight`."""
        return ScheduledJob.objects.filter(lease_until__gt=now()).count()

    def give_back(self, ids: Iterable[UUID]) -> None:
        """See :meth:`Lane.give_back`."""
        ScheduledJob.objects.filter(id__in=list(ids)).update(lease_until=None)


def run(job_id: UUID) -> None:
    """Run one duty for the bound organization and plan its next run. A duty must be safe to run twice."""
    with tenancy.platform():
        job = ScheduledJob.objects.filter(id=job_id).first()
    duty = next((found for found in tenant_duties() if job and found.name == job.name), None)
    if job is None or duty is None:
        return
    error = ""
    try:
        duty.run()
    except Exception as failed:  # noqa: BLE001 - whatever a duty raises is recorded and tried again
        _log.exception("schedule.duty_failed", extra={"duty": job.name})
        error = tracebacks.text_of(failed)[-8000:]
    with tenancy.platform():
        _finish(job, error)


def _finish(job: ScheduledJob, error: str) -> None:
    """Plan the next turn; after a failure, another try before it: a minute later, then twice as late each time."""
    at = now()
    period = timedelta(seconds=job.period_seconds)
    begun = timedelta(seconds=(at.timestamp() - offset_seconds(job.organization_id, job.period_seconds)))
    next_turn = at - begun % period + period
    job.attempts = job.attempts + 1 if error else 0
    again = min(timedelta(seconds=_RETRY_SECONDS * 2 ** min(job.attempts - 1, 16)), MAX_BACKOFF) if error else period
    job.next_run_at = min(next_turn, at + again) if error else next_turn
    job.lease_until, job.last_error = None, error
    if not error:
        job.finished_at = at
    job.save(update_fields=["attempts", "next_run_at", "lease_until", "last_error", "finished_at"])


LANE = Schedule(name="schedule", table=ScheduledJob._meta.db_table, run=run)

_INSERT = """
INSERT INTO events_scheduledjob (id, organization_id, name, period_seconds, next_run_at, attempts, last_error)
SELECT gen_random_uuid(), o.id, d.name, d.period,
  -- The next of the organization's turns: see offset_seconds.
  to_timestamp(turn.at + d.period * (floor((extract(epoch FROM %(now)s::timestamptz) - turn.at) / d.period) + 1)), 0, ''
FROM {organizations} o
CROSS JOIN unnest(%(names)s::text[], %(periods)s::int[]) AS d (name, period)
CROSS JOIN LATERAL (
  SELECT ('x' || right(replace(o.id::text, '-', ''), 12))::bit(48)::bigint %% %(bits)s %% d.period AS at
) turn
WHERE o.state = ANY (%(serving)s) AND o.cell = %(cell)s AND NOT EXISTS (
  SELECT 1 FROM events_scheduledjob s
  WHERE s.organization_id = o.id AND s.name = d.name AND s.period_seconds = d.period
)
ON CONFLICT (organization_id, name) DO UPDATE
SET period_seconds = excluded.period_seconds, next_run_at = excluded.next_run_at
"""
_DELETE = """
DELETE FROM events_scheduledjob s
WHERE s.name <> ALL (%(names)s::text[])
   OR NOT EXISTS (
     SELECT 1 FROM {organizations} o WHERE o.id = s.organization_id AND o.state <> 'deleted' AND o.cell = %(cell)s
   )
"""
_CLAIM = """
WITH due AS (
  SELECT s.id, o.generation FROM events_scheduledjob s
  JOIN {organizations} o ON o.id = s.organization_id AND o.state = ANY (%(serving)s)
    AND o.cell = %(cell)s AND o.frozen_at IS NULL
  WHERE s.organization_id <> ALL (%(but)s::uuid[]) AND s.next_run_at <= %(now)s
    AND (s.lease_until IS NULL OR s.lease_until <= %(now)s)
  ORDER BY s.next_run_at
  LIMIT greatest(%(most)s - (SELECT count(*) FROM events_scheduledjob f WHERE f.lease_until > %(now)s), 0)
  FOR UPDATE OF s SKIP LOCKED
)
UPDATE events_scheduledjob s SET lease_until = %(until)s, started_at = %(now)s FROM due WHERE s.id = due.id
RETURNING s.organization_id, due.generation, s.id
"""
