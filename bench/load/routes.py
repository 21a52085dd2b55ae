"""Each request of the mix by itself: SQL statements, CPU of the application and its PostgreSQL backend, WAL written."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count
from typing import Any
from uuid import UUID

import psycopg2

import tenancy
from bench import classroom, product, report
from bench.load.crowd import fill
from bench.load.mix import SHARES, ask

# security research's budget of a hot endpoint: at most 8 statements and 8 CPU-ms
CPU_BAR_MS = 8.0
ROUNDS = 5
REPEATS = 40


def run() -> None:
    """Measure every route of the mix on one organization with a class of five."""
    with product.database(owner=True) as environment:
        organization = product.organization(environment, "bench-load")
        (person, *_) = fill({"id": organization, "number": 0}, 5)
        from config.wsgi import application
        from tenants.catalog import load

        turns = count()
        browsers = {
            who: classroom.Browser(application, person["host"], person[who]["cookies"], person[who]["token"])
            for who in ("learner", "owner")
        }

        def work(route: str) -> Callable[[], bytes]:
            def once() -> bytes:
                wanted = ask(route, person, next(turns))
                body = json.loads(wanted.body) if wanted.body else None
                return browsers[wanted.by].call(wanted.method, wanted.path, body)

            return once

        works = {route: work(route) for route in SHARES}
        found: dict[str, dict[str, Any]] = {}
        for route, once in works.items():
            once()
            once()
            found[route] = {"statements": len(classroom.statements(once)), "wal_bytes": _wal(environment, once)}
        with tenancy.bind(load(UUID(organization))):
            backends = [product.backend_pid()]
        measured = classroom.in_turns(works, backends=backends, rounds=ROUNDS, repeats=REPEATS)
        for route in works:
            cost = measured.cost(route)
            found[route] |= {
                "cpu_ms": round(1000 * cost.total, 2),
                "own_ms": round(1000 * cost.own, 2),
                "postgres_ms": round(1000 * cost.backend, 2),
            }
    costliest = max(found.values(), key=lambda one: one["cpu_ms"])["cpu_ms"]
    average = {
        what: round(sum(SHARES[route] * one[what] for route, one in found.items()) / sum(SHARES.values()), 2)
        for what in ("own_ms", "postgres_ms", "wal_bytes")
    }
    report.figure("load_routes", costliest, "ms CPU", "<=", CPU_BAR_MS, mix_average=average, routes=found)


def _wal(environment: dict[str, str], once: Callable[[], bytes]) -> int:
    """Bytes of write-ahead log that one request writes, on average of some after a checkpoint has passed."""
    link = psycopg2.connect(environment["LMS_OWNER_DATABASE_URL"])
    link.autocommit = True
    with link.cursor() as cursor:

        def written() -> int:
            cursor.execute("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")
            return int(cursor.fetchone()[0])

        before = written()
        for _ in range(REPEATS):
            once()
        found = (written() - before) // REPEATS
    link.close()
    return found
