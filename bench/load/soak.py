"""``python -m bench.load.soak [minutes]``: the mix for as long as wished, and what grows meanwhile.

Every half minute memory, open files, database connections and Valkey's memory are read. The slopes are least squares
over what comes after the first quarter, in which caches fill. The bar is the reliability plan's: 5 MB an hour for each
process. Shorter runs than an hour say little: what connections know of 250 organizations fills long.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg2
import redis

from bench import report
from bench.load import processes
from bench.load.school import UNLIMITED, School, met, opened

MINUTES = 120.0
ORGANIZATIONS = 10
PACE = 60.0  # requests a second: about 60 % of one core with the clients
EVERY_SECONDS = 30.0
BAR_MB_AN_HOUR = 5.0


def run(minutes: float = MINUTES) -> None:
    """Keep asking; print one line a sample, and the slopes at the end."""
    with opened(ORGANIZATIONS) as school, school.open(UNLIMITED):
        school.ask(school.people, pace=PACE, seconds=20.0, seed=97)
        crowd = school.crowd(school.people, pace=PACE, seconds=60 * minutes)
        begun, samples = time.monotonic(), []
        # Its answers are more than a pipe holds: somebody has to read them for it to end.
        reading = ThreadPoolExecutor(1).submit(met, crowd)
        while not reading.done():
            samples.append({"hours": (time.monotonic() - begun) / 3600, **_sample(school)})
            print({key: value for key, value in samples[-1].items() if key != "hours"}, file=sys.stderr, flush=True)
            time.sleep(EVERY_SECONDS)
        answers = reading.result()
        counts: dict[str, int] = samples[-1]["processes"]
    steady = samples[len(samples) // 4 :]
    slopes = {part: slope(steady, lambda one, part=part: one["mb"].get(part, 0.0)) for part in steady[-1]["mb"]}  # type: ignore[misc]
    worst = max(slopes[part] / counts[part] for part in slopes if counts.get(part))
    report.figure(
        "soak",
        worst,
        "MB/h a process (the worst part's)",
        "<=",
        BAR_MB_AN_HOUR,
        minutes=minutes,
        mb_an_hour={part: round(value, 2) for part, value in slopes.items()},
        files_an_hour=round(slope(steady, lambda one: sum(one["files"].values())), 2),
        connections_an_hour=round(slope(steady, lambda one: one["connections"]), 2),
        valkey_mb_an_hour=round(slope(steady, lambda one: one["valkey_mb"]), 3),
        statuses=answers["statuses"],
        first=samples[0],
        last=samples[-1],
    )


def slope(samples: list[dict[str, Any]], of: Callable[[dict[str, Any]], float]) -> float:
    """Return the slope of a value by the hour: least squares."""
    points = [(one["hours"], of(one)) for one in samples]
    middle_x = sum(x for x, _ in points) / len(points)
    middle_y = sum(y for _, y in points) / len(points)
    spread = sum((x - middle_x) ** 2 for x, _ in points)
    return sum((x - middle_x) * (y - middle_y) for x, y in points) / spread if spread else 0.0


def _sample(school: School) -> dict[str, Any]:
    assert school.fleet.env is not None
    link = psycopg2.connect(school.fleet.env.superuser_url)
    with link, link.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
        (connections,) = cursor.fetchone()
    link.close()
    memory = redis.Redis.from_url(school.fleet.env["LMS_REDIS_URL"]).info("memory")
    parts = list(processes.of_stack(school.keeper_pid).values())
    return {
        "mb": processes.resident_mb(school.keeper_pid),
        "files": processes.open_files(school.keeper_pid),
        "processes": {part: parts.count(part) for part in set(parts)},
        "connections": connections,
        "valkey_mb": round(memory["used_memory"] / 2**20, 2),
    }


if __name__ == "__main__":
    run(*map(float, sys.argv[1:2]))
    sys.exit(report.exit_status())
