"""Organizations drawn by chance, put into cells, and what each cell needs at its busiest."""

from __future__ import annotations

import math
import random
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from bench.fleet import served

UNITS = Path(__file__).with_name("units.toml")
SEED = 20
MOST_ASKED = 64_000  # organizations in one cell: nobody would
_SIMULATED_SECONDS = 300
_CORES = {"large": 2, "xlarge": 4, "2xlarge": 8, "4xlarge": 16, "medium": 2}


@dataclass(frozen=True)
class Need:
    """What a cell needs at its peak, and the share of the largest thing to be had that this is."""

    organizations: int
    learners: int
    requests: float  # a second
    web_cores: float
    web_tasks: int
    database_cores: float
    database_memory_gb: float
    database_disk_gb: float
    wal_mb: float  # a second
    connections: int
    known: float  # organizations that a connection knows, on average
    first_touch: float  # share of requests that are the first of their organization on a connection
    used: dict[str, float]

    @property
    def bottleneck(self) -> str:
        """What would run out first."""
        return max(self.used, key=lambda name: self.used[name])


def read_units() -> dict[str, Any]:
    """Return what is measured and assumed."""
    return tomllib.loads(UNITS.read_text())


def drawn(units: dict[str, Any], *, seed: int = SEED) -> list[int]:
    """Return how many learners each organization has: few are large, and together they are as many as said."""
    people, chance = units["people"], random.Random(seed)
    raw = [chance.lognormvariate(0, people["size_spread"]) for _ in range(people["organizations"])]
    scale = people["learners"] / sum(raw)
    return [max(1, min(people["largest"], round(size * scale))) for size in raw]


def placed(sizes: list[int], most: int) -> list[list[int]]:
    """Put organizations into cells in the order in which they come: each into the open one with the fewest learners.

    Nobody knows at a sign-up how large an organization will be: their sizes at the end decide, not the placement.
    """
    count = math.ceil(len(sizes) / most)
    cells: list[list[int]] = [[] for _ in range(count)]
    for number, size in enumerate(sizes):
        cells[number % count].append(size)
    return cells


def need(cell: list[int], units: dict[str, Any], largest: dict[str, Any]) -> Need:
    """Return what a cell needs; ``largest`` is the largest database to be had (``memory_gb``, ``name``)."""
    people, rules, request = units["people"], units["cell"], units["request"]
    learners = sum(cell)
    rate = learners * people["peak_share"] / people["seconds_a_request"]
    tasks, shares = 1, served.Shares()
    # More tasks mean more connections, which meet each organization more rarely: until both agree.
    for _ in range(8):
        shares = met(len(cell), round(rate, 1), tasks, rules["web_threads"], rules["conn_tenants"])
        web_cores = rate * _web_ms(units, shares) / 1000
        wanted = max(2, math.ceil(web_cores / rules["cpu_target"]))
        if wanted == tasks:
            break
        tasks = wanted
    meeting, connection = units["meeting"], units["connection"]
    database_ms = request["postgres_ms"] + shares.first_touch * meeting["first_touch_ms"] / 2
    duties = units["fixed"]["duties_percent_of_a_core"] / 100 * len(cell) / 1000
    database_cores = rate * database_ms / 1000 + duties / 2
    connections = tasks * rules["web_threads"] + 2 * (max(2, tasks // 4) + 7)
    memory = (
        connections * (connection["base_mb"] + shares.known_by_a_connection * connection["organization_mb"])
        + len(cell) * connection["buffers_mb"]
    ) / 1024 + 2.0
    disk = (len(cell) * units["fixed"]["database_mb"] + learners * people["history_mb"]) / 1024
    wal = rate * request["wal_bytes"] / 2**20
    used = {
        "cores of the database": database_cores / (rules["cpu_target"] * cores_of(largest["name"])),
        "memory of the database": memory / rules["memory_fill"] / largest["memory_gb"],
        "web tasks": tasks / rules["most_web_tasks"],
        "write-ahead log": wal / rules["most_wal_mb_s"],
        "organizations": len(cell) / 1500,
    }
    return Need(
        organizations=len(cell),
        learners=learners,
        requests=rate,
        web_cores=rate * _web_ms(units, shares) / 1000,
        web_tasks=tasks,
        database_cores=database_cores,
        database_memory_gb=memory,
        database_disk_gb=disk,
        wal_mb=wal,
        connections=connections,
        known=shares.known_by_a_connection,
        first_touch=shares.first_touch,
        used=used,
    )


@lru_cache(maxsize=512)
def met(organizations: int, rate: float, tasks: int, threads: int, conn_tenants: int) -> served.Shares:
    """Return what requests meet where the balancer sends anybody to any task: one group, so many connections."""
    rules = served.Rules(
        requests_a_second=min(rate, 200.0),
        groups=1,
        # Beyond 200 requests a second the simulation keeps the requests a connection, not their number: same shares.
        threads=max(1, round(tasks * threads * min(1.0, 200.0 / rate))),
        conn_tenants=conn_tenants,
    )
    return served.shares(organizations, rules, seconds=_SIMULATED_SECONDS)


def fitting(classes: list[dict[str, Any]], found: Need, units: dict[str, Any]) -> dict[str, Any] | None:
    """Return the smallest database with the memory and the cores, or None where none is large enough."""
    rules = units["cell"]
    for one in classes:
        memory_fits = found.database_memory_gb / rules["memory_fill"] <= one["memory_gb"]
        if memory_fits and found.database_cores / rules["cpu_target"] <= cores_of(one["name"]):
            return one
    return None


def cores_of(name: str) -> int:
    """Return the virtual cores of a database class, by the end of its name (AWS: large 2, doubled at each step)."""
    return _CORES[name.rpartition(".")[2]]


def largest_cell(units: dict[str, Any], largest: dict[str, Any]) -> int:
    """Return how many organizations of average size one cell could hold before anything but their number runs out."""
    people = units["people"]
    average = round(people["learners"] / people["organizations"])

    def fits(count: int) -> bool:
        found = need([average] * count, units, largest)
        return max(share for name, share in found.used.items() if name != "organizations") <= 1

    low, high = 0, 250
    while high < MOST_ASKED and fits(high):
        low, high = high, high * 2
    while high - low > 250:
        middle = (low + high) // 500 * 250
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def _web_ms(units: dict[str, Any], shares: served.Shares) -> float:
    request, meeting = units["request"], units["meeting"]
    return float(
        request["own_ms"]
        + request["front_ms"]
        + shares.first_touch * meeting["first_touch_ms"] / 2
        + shares.host_lookup * meeting["host_lookup_ms"]
        + shares.connect * meeting["connect_ms"]
    )
