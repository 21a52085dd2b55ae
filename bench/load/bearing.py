"""How much the product bears, and how little one organization's hurry costs the others."""

from __future__ import annotations

import os
import statistics
from typing import Any

from bench import report
from bench.load import routes
from bench.load.school import Answers, School, met, opened

SIZES = (1, 10, 100)
PER_CORE_BAR = 100.0
P95_BAR_MS = 250.0
NOISY_BAR = 1.5
SECONDS = 15.0
WARM_SECONDS = 6.0
PACES = (60, 90, 120, 150, 180, 220)  # requests a second in all, on both cores together with the clients
QUIET_PACE = 30.0
NOISY_CLIENTS = 48
NOISY_ROUNDS = 3
# Everybody comes from one address here; what one organization and one person may ask stays as it is sold.
ONE_ADDRESS = dict.fromkeys(("LMS_RATE_VISITOR", "LMS_RATE_ADDRESS", "LMS_RATE_SIGN_IN"), "1000000/1")
UNLIMITED = {**ONE_ADDRESS, "LMS_RATE_ORGANIZATION": "1000000/1", "LMS_RATE_PERSON": "1000000/1"}


def run() -> None:
    """Measure the mix at each size, then the noisy organization, then each request by itself."""
    wanted = [int(size) for size in os.environ.get("SIZES", "").replace(",", " ").split()] or list(SIZES)
    for size in wanted:
        with opened(size) as school:
            with school.open(UNLIMITED):
                _bearing(school, size)
            if size == 10:
                with school.open(ONE_ADDRESS):
                    _noisy(school)
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


def _noisy(school: School) -> None:
    """The others at an even pace: alone, then beside one that asks as fast as answers come, in turns."""
    numbers = sorted({person["number"] for person in school.people})
    loud, others = school.of({numbers[0]}), school.of(set(numbers[1:]))
    school.ask(others, pace=QUIET_PACE, seconds=WARM_SECONDS, seed=98)
    alone, beside, shouted = [], [], []
    for turn in range(NOISY_ROUNDS):
        alone.append(school.ask(others, pace=QUIET_PACE, seconds=SECONDS, seed=turn).percentile(0.95))
        noise = school.crowd(loud, pace=None, seconds=SECONDS, seed=turn, clients=NOISY_CLIENTS)
        answers = school.ask(others, pace=QUIET_PACE, seconds=SECONDS, seed=turn)
        if answers.refused:
            raise RuntimeError(f"the others were refused too: {answers.statuses}")
        beside.append(answers.percentile(0.95))
        shouted.append(met(noise)["statuses"])
    report.figure(
        "load_noisy",
        statistics.median(one / other for one, other in zip(beside, alone, strict=True)),
        "x p95 alone",
        "<=",
        NOISY_BAR,
        alone_ms=[round(value, 1) for value in alone],
        beside_ms=[round(value, 1) for value in beside],
        noisy_clients=NOISY_CLIENTS,
        noisy_statuses=shouted,
        others_a_second=QUIET_PACE,
    )
