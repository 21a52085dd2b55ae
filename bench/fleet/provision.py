"""``fleet_provision``: what one more organization costs beside nine others, and beside hundreds."""

from __future__ import annotations

from typing import Any

from bench import report
from bench.fleet.fleet import Fleet

BAR = 1.2
MEASURED = 12
WARM_UP = 2  # the first ones of a process import modules and fill its backend's caches


def measure(small: Fleet, large: Fleet) -> None:
    """Make a dozen organizations in each fleet, one by one in turns; compare the medians."""
    sizes = {"small": small.size, "large": large.size}
    costs: dict[str, list[dict[str, float]]] = {"small": [], "large": []}
    with small.running(), large.running():
        maker = "bench.fleet.maker"
        with small.talker(maker, owner=True) as few, large.talker(maker, owner=True) as many:
            for number in range(WARM_UP + MEASURED):
                for fleet, talker in ((small, few), (large, many)):
                    made = talker.ask(do="make", number=fleet.size)
                    cost = made.pop("cost")
                    fleet.roster.append(made)
                    if number >= WARM_UP:
                        costs[fleet.name].append(cost)
    detail: dict[str, Any] = {
        f"{name}_{part}": report.spread([cost[part] for cost in of])
        for name, of in costs.items()
        for part in ("own_ms", "postgres_ms", "wall_ms")
    }
    cpu = {name: _median([cost["own_ms"] + cost["postgres_ms"] for cost in of]) for name, of in costs.items()}
    report.figure(
        "fleet_provision",
        cpu["large"] / cpu["small"],
        "x CPU",
        "<=",
        BAR,
        organizations=sizes,
        cpu_ms={name: round(value, 1) for name, value in cpu.items()},
        wall_ratio=round(_median_wall(costs["large"]) / _median_wall(costs["small"]), 3),
        steps="sign-up, schema by replay, role, stamp, ledger, media keys, quota, owner, brand, domain, look",
        fleet_built=large.building,
        **detail,
    )


def _median_wall(costs: list[dict[str, float]]) -> float:
    return _median([cost["wall_ms"] for cost in costs])


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]
