"""Who is connected to the database, as far as PostgreSQL tells a login that owns nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from tenancy import binding


@dataclass(frozen=True, slots=True)
class Backends:
    """The connections of one login from one kind of process.

    Of another login than the asking one PostgreSQL tells the count alone: the rest is 0 or None then. Memory of other
    backends it tells nobody but a superuser.
    """

    login: str
    process: str
    count: int
    active: int
    idle: int
    idle_in_transaction: int
    waiting_for_lock: int
    oldest_at: datetime | None
    longest_statement_seconds: float | None


@dataclass(frozen=True, slots=True)
class Connections:
    """All connections to this database, and how many the whole server takes."""

    limit: int
    used: int
    backends: tuple[Backends, ...]


def connections() -> Connections:
    """Return the connections of now."""
    with binding.bare_login(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('max_connections')::int - current_setting('reserved_connections')::int"
            " - current_setting('superuser_reserved_connections')::int"
        )
        limit = cursor.fetchone()[0]
        cursor.execute(
            """
            SELECT usename, coalesce(application_name, ''), count(*),
                   count(*) FILTER (WHERE state = 'active'),
                   count(*) FILTER (WHERE state = 'idle'),
                   count(*) FILTER (WHERE state LIKE 'idle in transaction%'),
                   count(*) FILTER (WHERE wait_event_type = 'Lock'),
                   min(backend_start),
                   extract(epoch FROM max(clock_timestamp() - query_start) FILTER (WHERE state = 'active'))::float
              FROM pg_stat_activity
             WHERE datname = current_database() AND usename IS NOT NULL
             GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
            """
        )
        backends = tuple(Backends(*row) for row in cursor.fetchall())
    return Connections(limit=limit, used=sum(found.count for found in backends), backends=backends)


@dataclass(frozen=True, slots=True)
class Archiving:
    """How the server's log leaves the machine."""

    age_seconds: float
    is_failing: bool


ARCHIVING = """
SELECT extract(epoch FROM clock_timestamp()
                          - coalesce(last_archived_time, stats_reset, pg_postmaster_start_time()))::float,
       coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false)
  FROM pg_stat_archiver
 WHERE current_setting('archive_mode') <> 'off'
"""


def archiving() -> Archiving | None:
    """Return when a segment was last archived, and whether the last try failed; None where the server archives none."""
    with binding.bare_login(), connection.cursor() as cursor:
        cursor.execute(ARCHIVING)
        row = cursor.fetchone()
    return Archiving(*row) if row else None
