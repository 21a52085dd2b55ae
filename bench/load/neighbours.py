"""How little one organization's hurry costs the others, and that a class which begins at once is served.

Everything is a ratio of turns that lie side by side, and each turn says how busy the machine was with something else:
where that is more than a little, the ratio says something about the machine's other users too.
"""

from __future__ import annotations

import os
import statistics
import sys
from typing import Any

from bench import report
from bench.load import processes, simulated
from bench.load.school import ONE_ADDRESS, Answers, School, met, opened

NOISY_BAR = 1.5
SECONDS = 15.0
WARM_SECONDS = 6.0
QUIET_PACE = 30.0  # requests a second of all the others
NOISY_CLIENTS = 48
NOISY_ROUNDS = 5
PUPILS = 200
LESSON = ("me", "dashboard", "outline", "lesson", "grant")  # what coming in and opening a lesson asks for
# Nobody is sent away: who waits for its turn is told to come back after ten seconds.
CLASS_BAR_SECONDS = 10.0
CLASS_SECONDS = 12.0  # the others ask for so long: from before the class begins until it is served


def run() -> None:
    """Measure at ten organizations; ``LMS_WEB_…`` of whoever asks are tried in place of the defaults."""
    simulate()
    tried = {name: value for name, value in os.environ.items() if name.startswith("LMS_WEB_")}
    with opened(10) as school, school.open({**ONE_ADDRESS, **tried}):
        measure(school)


def simulate() -> None:
    """What the web server's rules are worth on a machine that nobody else uses."""
    ratios, floods = [], []
    for seed in range(NOISY_ROUNDS):
        alone = simulated.simulate(simulated.RULES, seed=seed)
        beside = simulated.simulate(simulated.RULES, seed=seed, flood=NOISY_CLIENTS)
        without = simulated.simulate(simulated.AS_IF_ALONE, seed=seed, flood=NOISY_CLIENTS)
        ratios.append((beside.p95 / alone.p95, without.p95 / alone.p95))
        floods.append((beside.flood_a_second, without.flood_a_second))
    classes = [simulated.simulate(rules, pupils=PUPILS) for rules in (simulated.RULES, simulated.AS_IF_ALONE)]
    report.figure(
        "load_noisy_simulated",
        statistics.median(ratio for ratio, _ in ratios),
        "x p95 alone",
        "<=",
        NOISY_BAR,
        without_the_rules=round(statistics.median(ratio for _, ratio in ratios), 2),
        noisy_a_second=[round(statistics.median(one), 1) for one in zip(*floods, strict=True)],
        class_seconds=[round(one.class_seconds, 2) for one in classes],
        others_p95_beside_the_class=[round(one.p95, 1) for one in classes],
    )


def measure(school: School) -> None:
    """The others at an even pace beside one that does not pause, and beside a class."""
    numbers = sorted({person["number"] for person in school.people})
    loud, others = school.of({numbers[0]}), school.of(set(numbers[1:]))
    school.ask(others, pace=QUIET_PACE, seconds=WARM_SECONDS, seed=98)
    _class(school, loud, others)
    _noisy(school, loud, others)


def _noisy(school: School, loud: list[dict[str, Any]], others: list[dict[str, Any]]) -> None:
    alone, beside, noises = [], [], []
    for turn in range(NOISY_ROUNDS):
        alone.append(school.ask(others, pace=QUIET_PACE, seconds=SECONDS, seed=turn))
        noise = school.crowd(loud, pace=None, seconds=SECONDS, seed=turn, clients=NOISY_CLIENTS)
        answers = school.ask(others, pace=QUIET_PACE, seconds=SECONDS, seed=turn)
        if answers.refused:
            raise RuntimeError(f"the others were refused too: {answers.statuses}")
        beside.append(answers)
        noises.append(met(noise))
    ratios = [one.percentile(0.95) / other.percentile(0.95) for one, other in zip(beside, alone, strict=True)]
    report.figure(
        "load_noisy",
        statistics.median(ratios),
        "x p95 alone",
        "<=",
        NOISY_BAR,
        ratios=[round(ratio, 2) for ratio in ratios],
        alone=[_told(answers) for answers in alone],
        beside=[
            {**_told(answers, noise["client_cpu"]), "noisy_a_second": round(_answered(noise) / noise["seconds"], 1)}
            for answers, noise in zip(beside, noises, strict=True)
        ],
        noisy_clients=NOISY_CLIENTS,
        noisy_statuses=[noise["statuses"] for noise in noises],
        others_a_second=QUIET_PACE,
    )


def _class(school: School, loud: list[dict[str, Any]], others: list[dict[str, Any]]) -> None:
    """Two hundred learners at the same moment, alone and then beside the others."""
    by_itself = met(_pupils(school, loud, 1))
    before = school.ask(others, pace=QUIET_PACE, seconds=CLASS_SECONDS, seed=7)
    began = processes.cpu_seconds(school.keeper_pid)
    pupils = _pupils(school, loud, 2)
    meanwhile = school.ask(others, pace=QUIET_PACE, seconds=CLASS_SECONDS, seed=7)
    used = sum(processes.cpu_seconds(school.keeper_pid).values()) - sum(began.values())
    beside = met(pupils)
    for found in (by_itself, beside):
        if sum(found["statuses"].values()) != _answered(found):
            raise RuntimeError(f"of the class some were refused: {found['statuses']}")
    report.figure(
        "load_class",
        beside["seconds"],
        "s until the last has its lesson",
        "<=",
        CLASS_BAR_SECONDS,
        pupils=PUPILS,
        requests=_answered(beside),
        while_nobody_else_is_there=round(by_itself["seconds"], 2),
        first_answer_ms=_spread(beside["ms"][LESSON[0]]),
        every_answer_ms=_spread([value for values in beside["ms"].values() for value in values]),
        others_p95_ms={"before": round(before.percentile(0.95), 1), "meanwhile": round(meanwhile.percentile(0.95), 1)},
        product_cpu_seconds=round(used, 2),
    )


def _pupils(school: School, loud: list[dict[str, Any]], seed: int) -> Any:
    return school.crowd(loud, pace=None, seconds=60.0, seed=seed, clients=PUPILS, routes=LESSON)


def _answered(found: dict[str, Any]) -> int:
    return sum(map(len, found["ms"].values()))


def _spread(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {
        f"p{share}": round(ordered[min(len(ordered) - 1, len(ordered) * share // 100)], 1) for share in (50, 95, 99)
    }


def _told(answers: Answers, noise_cpu: float = 0.0) -> dict[str, Any]:
    """A turn: percentiles, cores of the product by part, and cores that were busy with none of all this."""
    known = answers.product_cpu + answers.client_cpu + noise_cpu
    return {
        **answers.percentiles(),
        "cores": round(answers.product_cpu / answers.seconds, 2),
        "cores_elsewhere": round(max(0.0, answers.machine - known / answers.seconds), 2),
    }


if __name__ == "__main__":
    run()
    sys.exit(report.exit_status())
