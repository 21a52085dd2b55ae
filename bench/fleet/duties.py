"""``fleet_duties``: what the platform's periodic work costs where nothing happens, by the number of organizations."""

from __future__ import annotations

from typing import Any

from bench import report
from bench.fleet.fleet import DATABASE, Fleet

BAR = 10.0
PARTS = DATABASE | {"s3"}
_SHOWN = 6


def measure(small: Fleet, large: Fleet) -> None:
    """Run every duty of the dispatcher a few times over each fleet; add up what they take of one core."""
    found = {fleet.name: _duties(fleet) for fleet in (small, large)}
    share = {name: sum(_percent(duty) for duty in duties.values()) for name, duties in found.items()}
    dearest = sorted(found["large"].items(), key=lambda item: -_percent(item[1]))[:_SHOWN]
    report.figure(
        "fleet_duties",
        share["large"],
        "% of a core",
        "<=",
        BAR,
        organizations={"small": small.size, "large": large.size},
        small_percent=round(share["small"], 2),
        duties=len(found["large"]),
        dearest={
            name: {**duty, "percent": round(_percent(duty), 2), "small_cpu_ms": found["small"][name]["cpu_ms"]}
            for name, duty in dearest
        },
    )


def _duties(fleet: Fleet) -> dict[str, dict[str, Any]]:
    with fleet.running(PARTS), fleet.talker("bench.fleet.duty_runner") as runner:
        return runner.ask(do="duties")


def _percent(duty: dict[str, Any]) -> float:
    return float(duty["cpu_ms"] / 1000 / duty["period_s"] * 100)
