"""How much the product bears: the pace at which answers still come in time."""

from __future__ import annotations

import os
from typing import Any

from bench import report
from bench.load import neighbours, routes
from bench.load.school import ONE_ADDRESS, UNLIMITED, Answers, School, opened

SIZES = (1, 10, 100)
PER_CORE_BAR = 100.0
P95_BAR_MS = 250.0
SECONDS = 15.0
WARM_SECONDS = 6.0
PACES = (60, 90, 120, 150, 180, 220)  # requests a second in all, on both cores together with the clients


def run() -> None:
    """Measure the mix at each size, then the noisy organization, then each request by itself."""
    wanted = [int(size) for size in os.environ.get("SIZES", "").replace(",", " ").split()] or list(SIZES)
    for size in wanted:
        with opened(size) as school:
            with school.open(UNLIMITED):
                _bearing(school, size)
            if size == 10:
                with school.open(ONE_ADDRESS):
                    neighbours.measure(school)
    neighbours.simulate()
    routes.run()


def _bearing(school: School, size: int) -> None:
    """Step up the pace until the 95th percentile no longer holds; report the last step that did."""
    school.ask(school.people, pace=PACES[0], seconds=WARM_SECONDS, seed=99)
    held: tuple[int, Answers] | None = None
    steps: list[dict[str, Any]] = []
    for pace in PACES:
        answers = school.ask(school.people, pace=pace, seconds=SECONDS, seed=pace)
        if answers.refused:
            raise RuntimeError(f"{answers.refused} requests at {pace}/s were not served: {answers.statuses}")
        rate = answers.answered / answers.seconds
        holds = answers.percentile(0.95) <= P95_BAR_MS
        steps.append(
            {
                "due_a_second": pace,
                "answered_a_second": round(rate, 1),
                **answers.percentiles(),
                "cores": round(answers.product_cpu / answers.seconds, 2),
                "client_cores": round(answers.client_cpu / answers.seconds, 2),
            }
        )
        if not holds:
            break
        held = pace, answers
    if held is None:
        raise RuntimeError(f"p95 does not hold even at {PACES[0]}/s: {steps}")
    pace, answers = held
    detail = {
        "organizations": size,
        "people": len(school.people),
        "at_a_second": pace,
        "cpu_ms_a_request": {
            part: round(1000 * used / answers.answered, 2) for part, used in sorted(answers.cpu.items()) if used
        },
        "routes_ms": {route: answers.percentiles(route) for route in sorted(answers.milliseconds)},
        "steps": steps,
    }
    per_core = answers.answered / answers.product_cpu
    report.figure(f"load_per_core_{size}", per_core, "requests/s a core", ">=", PER_CORE_BAR, **detail)
    report.figure(f"load_p95_{size}", answers.percentile(0.95), "ms", "<=", P95_BAR_MS, at_a_second=pace)
