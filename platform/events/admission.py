"""Admission: who is next, and how much may be with the workers at once.

A lane is a table of work that waits for organizations. PostgreSQL holds it; what a worker was handed carries a lease,
and the leases that run are what is in flight. Their number is capped for each organization and over all, so that the
broker's queue stays short whoever has much to do: what waits, waits in rows, and rows can be served in turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from core.clock import now
from events.bell import Bell

# What was handed to a worker is handed out again after this: the message, or the worker, was lost.
LEASE = timedelta(seconds=60)
# One claim at a time, over every process: two that count at once would both find room.
_ONE_AT_A_TIME = 0x6C6D735F61646D69  # "lms_admi"
FIRST = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row that is leased to be handed to a worker."""

    organization_id: UUID
    generation: int
    id: UUID


@dataclass(frozen=True)
class Lane:
    """A table of work: ``id, organization_id, generation, state, run_at, lease_until``, and an index on what is due.

    ``run`` does one row's work, bound to its organization; it must be safe to run twice. ``void`` closes what belongs
    to data that a restore has replaced: (organization, first generation that counts) -> how many. A lane that is not
    ``bound`` needs nothing of its organizations: its work is done on the platform, and for paused ones as well.
    """

    name: str
    table: str
    run: Callable[[UUID], object]
    void: Callable[[UUID, int], int] = lambda organization_id, epoch: 0
    bound: bool = True

    @property
    def bell(self) -> Bell:
        """What rings when something was written to the lane, or a worker has finished something of it."""
        return Bell(self.name)

    def claim(
        self, *, each: int, most: int, after: UUID = FIRST, but: Iterable[UUID] = (), lease: timedelta = LEASE
    ) -> list[Claimed]:
        """Lease what is due and return it in the order of its turn. Must run on the platform.

        An organization has at most ``each`` in flight, all together at most ``most``. Whoever has the fewest in flight
        is next; among these it goes round in the order of ids, beginning behind ``after``; of one organization the
        longest due goes first. ``but`` are passed over. Rows that a worker is just now working on are never leased
        again.
        """
        moment = now()
        values: dict[str, Any] = {"now": moment, "each": each, "most": most, "after": after, "but": list(but)}
        values["until"] = moment + lease
        with transaction.atomic(), connection.cursor() as cursor:
            # A statement of its own: the claim must see what the claim before it has leased.
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])
            cursor.execute(_CLAIM.format(table=self.table), values)
            return [Claimed(*row) for row in cursor.fetchall()]

    def in_flight(self) -> int:
        """Return how many rows are with the workers now. Must run on the platform."""
        with connection.cursor() as cursor:
            cursor.execute(_IN_FLIGHT.format(table=self.table), [now()])
            return int(cursor.fetchone()[0])

    def give_back(self, ids: Iterable[UUID]) -> None:
        """End leases of rows that were not worked on after all. Must run on the platform."""
        with connection.cursor() as cursor:
            cursor.execute(_GIVE_BACK.format(table=self.table), [list(ids)])


# The walk over organizations skips from one to the next in the index; leases are few and have an index of their own.
_CLAIM = """
WITH RECURSIVE flying AS (
  SELECT organization_id, count(*) AS n FROM {table}
  WHERE state = 'pending' AND lease_until > %(now)s GROUP BY organization_id
), waiting AS (
  (SELECT organization_id FROM {table} WHERE state = 'pending' ORDER BY organization_id LIMIT 1)
  UNION ALL
  SELECT (SELECT d.organization_id FROM {table} d
          WHERE d.state = 'pending' AND d.organization_id > w.organization_id
          ORDER BY d.organization_id LIMIT 1)
  FROM waiting w WHERE w.organization_id IS NOT NULL
), fair AS (
  SELECT due.id, due.organization_id, coalesce(f.n, 0) + due.turn AS turn
  FROM waiting w
  LEFT JOIN flying f ON f.organization_id = w.organization_id
  CROSS JOIN LATERAL (
    SELECT d.id, d.organization_id, row_number() OVER (ORDER BY d.run_at, d.id) AS turn
    FROM {table} d
    WHERE d.state = 'pending' AND d.organization_id = w.organization_id AND d.run_at <= %(now)s
      AND (d.lease_until IS NULL OR d.lease_until <= %(now)s)
    ORDER BY d.run_at, d.id LIMIT greatest(%(each)s - coalesce(f.n, 0), 0)
  ) due
  WHERE w.organization_id <> ALL (%(but)s::uuid[])
  ORDER BY turn, due.organization_id <= %(after)s, due.organization_id
  LIMIT greatest(%(most)s - (SELECT coalesce(sum(n), 0) FROM flying), 0)
), held AS (
  SELECT d.id, fair.turn FROM {table} d JOIN fair ON fair.id = d.id
  WHERE d.state = 'pending' AND (d.lease_until IS NULL OR d.lease_until <= %(now)s)
  FOR UPDATE OF d SKIP LOCKED
), leased AS (
  UPDATE {table} d SET lease_until = %(until)s FROM held WHERE d.id = held.id
  RETURNING d.organization_id, d.generation, d.id, held.turn
)
SELECT organization_id, generation, id FROM leased ORDER BY turn, organization_id <= %(after)s, organization_id
"""
_IN_FLIGHT = "SELECT count(*) FROM {table} WHERE state = 'pending' AND lease_until > %s"
_GIVE_BACK = "UPDATE {table} SET lease_until = NULL WHERE id = ANY (%s::uuid[]) AND state = 'pending'"
