"""Runs the dispatcher's duties one by one, as the dispatcher does, and says what each costs.

Asked by :class:`bench.fleet.fleet.Talker`.
"""

from __future__ import annotations

import time
import traceback
from functools import partial
from typing import Any

import django

from bench.fleet.backends import Backends

RUNS = 6
WARM_UP = 1


def duties(meter: Backends) -> dict[str, Any]:
    """Return, by name: the period in seconds and what a run costs in milliseconds (the median; the first left out)."""
    import tenancy
    from events.duties import all_duties

    found: dict[str, Any] = {}
    for duty in all_duties():
        runs = []
        for number in range(WARM_UP + RUNS):
            began, own, backend = time.perf_counter(), time.process_time(), meter.cpu_seconds()
            try:
                with tenancy.platform():
                    duty.run()
            except Exception:  # noqa: BLE001 - one that fails here must not hide the others
                traceback.print_exc()
                break
            if number >= WARM_UP:
                cpu = time.process_time() - own + meter.cpu_seconds() - backend
                runs.append((cpu * 1000, (time.perf_counter() - began) * 1000))
        if runs:
            cpu_ms, wall_ms = (sorted(column)[len(runs) // 2] for column in zip(*runs, strict=True))
            found[duty.name] = {
                "period_s": duty.period_seconds,
                "cpu_ms": round(cpu_ms, 1),
                "wall_ms": round(wall_ms, 1),
            }
    return found


def main() -> None:
    """Answer until nobody asks."""
    django.setup()
    from bench.fleet.fleet import answering

    answering({"duties": partial(duties, Backends())})


if __name__ == "__main__":
    main()
