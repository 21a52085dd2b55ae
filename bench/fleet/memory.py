"""``fleet_memory``: what the web's database connections remember of a fleet, with and without affinity.

The bar: with two groups a connection meets half of the organizations, but it does not remember half as much. Every
backend has memory of its own (about 10 MB after its first requests); and of a quiet organization a connection knows
only the tables that its few requests touched: with affinity these all come to one group, whose connections learn more
of each. In a life of ten minutes that leaves two thirds; a half is where every connection has touched every table.
"""

from __future__ import annotations

from typing import Any

import psycopg2

from bench import report
from bench.fleet import zipf
from bench.fleet.backends import private_mb
from bench.fleet.fleet import Fleet
from bench.fleet.traffic import PARTS, UNLIMITED, Traffic

BAR = 0.7
CONNECTIONS = 4
CLIENTS = 8
# A connection's life on a busy machine: 600 s at 200 requests a second, spread over the sixteen connections of the web.
LIFE_SECONDS, BUSY_REQUESTS_A_SECOND, DEFAULT_CONNECTIONS = 600, 200, 16
REQUESTS_A_CONNECTION = LIFE_SECONDS * BUSY_REQUESTS_A_SECOND // DEFAULT_CONNECTIONS

_GROUPS = {"LMS_WEB_GROUPS": "2", "LMS_WEB_WORKERS": "1", "LMS_WEB_THREADS": "2"}
_NO_GROUPS = {"LMS_WEB_GROUPS": "1", "LMS_WEB_WORKERS": "2", "LMS_WEB_THREADS": "2"}
_KEPT = {"LMS_CONN_TENANTS": "0", "LMS_CONN_MAX_AGE": "86400"}


def measure(small: Fleet, large: Fleet) -> None:
    """Serve the same traffic with four connections: in two groups, in none, and as the product renews them."""
    count = CONNECTIONS * min(REQUESTS_A_CONNECTION, 8 * large.size)  # a small fleet is known sooner
    found = {
        "affinity": _after(large, count, {**_GROUPS, **_KEPT}),
        "none": _after(large, count, {**_NO_GROUPS, **_KEPT}),
        "affinity_and_renewal": _after(large, count // 4, _GROUPS),
    }
    report.figure(
        "fleet_memory",
        found["affinity"]["mean_mb"] / found["none"]["mean_mb"],
        "x MB a connection",
        "<=",
        BAR,
        organizations=large.size,
        connections=CONNECTIONS,
        requests_a_connection=count // CONNECTIONS,
        traffic="Zipf, exponent 1, through the front door; lessons, outlines, watching",
        **found,
    )


def _after(fleet: Fleet, count: int, settings: dict[str, str]) -> dict[str, Any]:
    """Return the private memory of the web's backends after so many requests."""
    with fleet.running(PARTS, {**settings, **UNLIMITED}) as env:
        answers = Traffic(fleet, clients=CLIENTS).send(zipf.numbers(fleet.size, count, seed=1))
        with psycopg2.connect(env.superuser_url) as link, link.cursor() as cursor:
            cursor.execute(
                "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND usename = 'lms_app'"
            )
            sizes = [private_mb(pid) for (pid,) in cursor.fetchall()]
    return {
        "mean_mb": round(sum(sizes) / len(sizes), 1),
        "mb": [round(size, 1) for size in sorted(sizes)],
        "requests": len(answers),
        "request_ms": report.spread([answer.seconds * 1000 for answer in answers]),
    }
