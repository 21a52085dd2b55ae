"""``fleet_migrate``, ``fleet_migrate_ratio``, ``fleet_blocked``: a nullable column for everybody, under traffic."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import psycopg2

from bench import report
from bench.fleet import next_release, zipf
from bench.fleet.fleet import Fleet
from bench.fleet.traffic import PARTS, UNLIMITED, Answer, Traffic

BAR_SECONDS = 10.0
BAR_RATIO = 200.0
BAR_BLOCKED_SECONDS = 1.0
STOCK_COPIES = 20
CLIENTS = 12
REQUESTS_A_SECOND = 40
QUIET_SECONDS = 10.0


@dataclass(frozen=True)
class Span:
    """A stretch of time, on the monotonic clock."""

    began: float
    ended: float

    @property
    def seconds(self) -> float:
        return self.ended - self.began

    def of(self, answers: list[Answer]) -> list[float]:
        """Return how many seconds each request took that was under way in this time."""
        return [one.seconds for one in answers if one.began < self.ended and one.began + one.seconds > self.began]


def measure(small: Fleet, large: Fleet) -> None:
    """Serve requests while the next release's code brings the fleet along, and then while django-tenants would."""
    with next_release.checked_out() as code, large.running(PARTS, UNLIMITED) as env:
        with _served(large) as serving:
            time.sleep(QUIET_SECONDS)
            serving.name("prepare_database")
            _manage(large, code, "prepare_database", "--verbosity=0")
            serving.name("migrate_fleet")
            printed = _manage(large, code, "migrate_fleet")
            serving.name("migrate_schemas")
            stock = _stock(large, code)
        _look(env.superuser_url, large.size, printed)
    took = re.search(r"done in ([\d.]+) s", printed)
    if took is None:
        raise RuntimeError(f"migrate_fleet did not say how long it took:\n{printed}")
    runner_seconds, seconds = float(took.group(1)), serving.spans["migrate_fleet"].seconds
    requests = {name: span.of(serving.answers) for name, span in serving.spans.items()}
    beside = f"{REQUESTS_A_SECOND} requests a second"
    report.figure(
        "fleet_migrate",
        seconds,
        "s",
        "<=",
        BAR_SECONDS,
        organizations=large.size,
        runner_s=runner_seconds,
        release=f"ALTER TABLE {next_release.TABLE} ADD COLUMN {next_release.COLUMN} text",
        beside=beside,
        prepare_database_s=round(serving.spans["prepare_database"].seconds, 1),
    )
    a_copy = sum(stock) / len(stock)
    report.figure(
        "fleet_migrate_ratio",
        a_copy / (runner_seconds / large.size),
        "x",
        ">=",
        BAR_RATIO,
        meaning="seconds an organization, start left out: django-tenants' migrate_schemas / migrate_fleet",
        extrapolated=f"migrate_schemas ran on {STOCK_COPIES} organizations among {large.size}",
        migrate_fleet_ms=round(1000 * runner_seconds / large.size, 2),
        migrate_schemas_ms=report.spread([1000 * one for one in stock]),
        migrate_schemas_everybody_s=round(a_copy * large.size),
        beside=beside,
    )
    report.figure(
        "fleet_blocked",
        max(requests["migrate_fleet"]),
        "s",
        "<=",
        BAR_BLOCKED_SECONDS,
        meaning="the longest request that was under way during migrate_fleet, its own work included",
        request_ms={name: report.spread([1000 * one for one in found]) for name, found in requests.items()},
        requests={name: len(found) for name, found in requests.items()},
    )


@dataclass
class _Serving:
    """Requests that go on, and what else went on meanwhile."""

    answers: list[Answer] = field(default_factory=list)
    spans: dict[str, Span] = field(default_factory=dict)
    _name: str = "nothing"
    _since: float = field(default_factory=time.monotonic)

    def name(self, name: str) -> None:
        """Say what begins now."""
        moment = time.monotonic()
        self.spans[self._name] = Span(self._since, moment)
        self._name, self._since = name, moment


@contextlib.contextmanager
def _served(fleet: Fleet) -> Iterator[_Serving]:
    """Let learners go on learning for a ``with`` block.

    Raises:
        RuntimeError: one of their requests failed.
    """
    traffic = Traffic(fleet, clients=CLIENTS)
    traffic.send(range(fleet.size))  # processes are warm, as in the middle of a day
    serving = _Serving()
    with ThreadPoolExecutor(1) as pool:
        sent = pool.submit(traffic.send, _paced(fleet.size))
        try:
            yield serving
        finally:
            serving.name("")
            traffic.stop()
    serving.answers = sent.result()


def _look(superuser_url: str, organizations: int, printed: str) -> None:
    """See that every organization has the column."""
    with psycopg2.connect(superuser_url.rpartition("/")[0] + "/lms") as link, link.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
            " JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relname = %s AND a.attname = %s AND starts_with(n.nspname, 't_')",
            [next_release.TABLE, next_release.COLUMN],
        )
        if cursor.fetchone() != (organizations,):
            raise RuntimeError(f"migrate_fleet left organizations without the column:\n{printed}")


def _paced(organizations: int) -> Iterator[int]:
    """Yield whose turn it is, so many a second."""
    begun = time.monotonic()
    for turn, number in enumerate(zipf.numbers(organizations, 100_000, seed=3)):
        time.sleep(max(0.0, begun + turn / REQUESTS_A_SECOND - time.monotonic()))
        yield number


def _manage(fleet: Fleet, code: Path, *command: str) -> str:
    """Run a command of the next release's code with the owning login; return what it printed."""
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=code,
        env={**fleet.environment(owner=True), **next_release.environment(code)},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def _stock(fleet: Fleet, code: Path) -> list[float]:
    """Return how many seconds django-tenants took for each of its organizations."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.fleet.stock_migrate", str(STOCK_COPIES)],
        cwd=code,
        env={
            **fleet.environment(owner=True),
            **next_release.environment(code),
            "DJANGO_SETTINGS_MODULE": "bench.fleet.stock_settings",
        },
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    seconds: list[float] = json.loads(done.stdout.splitlines()[-1])
    return seconds
