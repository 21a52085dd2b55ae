"""``fleet_request``: what opening a lesson costs among ten organizations and among a thousand."""

from __future__ import annotations

from typing import Any

from bench import report
from bench.fleet import zipf
from bench.fleet.fleet import Fleet, Talker

BAR = 1.15
ROUNDS = 11
REPEATS = 300
LEARNER = "bench.fleet.learner"


def measure(small: Fleet, large: Fleet) -> None:
    """Warm one connection of each fleet to all its organizations, then let both serve the same traffic in turns."""
    with small.running(), large.running(), small.talker(LEARNER) as few, large.talker(LEARNER) as many:
        talkers = {"small": (small, few), "large": (large, many)}
        first, warm = {}, {}
        for name, (fleet, talker) in talkers.items():
            talker.ask(do="roster", people=fleet.roster)
            talker.ask(do="work", what="lesson", numbers=[0] * 20)  # modules are imported, Python has specialised
            talker.ask(do="reconnect")
            everybody = list(range(fleet.size))
            first[name] = talker.ask(do="work", what="lesson", numbers=everybody)
            warm[name] = talker.ask(do="work", what="lesson", numbers=everybody)
        rounds = _in_turns(talkers)
        statements = few.ask(do="statements", what="lesson", number=0)["statements"]
    ratios = [_total(one) / _total(other) for one, other in zip(rounds["large"], rounds["small"], strict=True)]
    report.figure(
        "fleet_request",
        sorted(ratios)[ROUNDS // 2],
        "x CPU",
        "<=",
        BAR,
        request="GET a lesson by a signed-in learner, through the WSGI application",
        organizations={"small": small.size, "large": large.size},
        rounds=ROUNDS,
        repeats=REPEATS,
        ratios=report.spread(ratios),
        postgres_ratio=round(_median(rounds["large"], "postgres_ms") / _median(rounds["small"], "postgres_ms"), 3),
        **{f"{name}_ms": _split(of) for name, of in rounds.items()},
        first_touch_extra_ms={
            name: {part: round(first[name][part] - warm[name][part], 2) for part in ("own_ms", "postgres_ms")}
            for name in first
        },
        backend_mb={name: one["backend_mb"] for name, one in warm.items()},
        statements=len(statements),
    )


def _in_turns(talkers: dict[str, tuple[Fleet, Talker]]) -> dict[str, list[dict[str, Any]]]:
    """Return the rounds of both fleets, that of one beside that of the other."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in talkers}
    for seed in range(ROUNDS):
        for name, (fleet, talker) in talkers.items():
            asked = zipf.numbers(fleet.size, REPEATS, seed=seed)
            found[name].append(talker.ask(do="work", what="lesson", numbers=asked))
    return found


def _total(work: dict[str, Any]) -> float:
    return float(work["own_ms"] + work["postgres_ms"])


def _median(rounds: list[dict[str, Any]], part: str) -> float:
    return float(sorted(one[part] for one in rounds)[len(rounds) // 2])


def _split(rounds: list[dict[str, Any]]) -> dict[str, float]:
    return {
        "own": round(_median(rounds, "own_ms"), 3),
        "postgres": round(_median(rounds, "postgres_ms"), 3),
        "total": round(sorted(_total(one) for one in rounds)[len(rounds) // 2], 3),
    }
