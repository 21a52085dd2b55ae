"""``fleet_request`` and ``fleet_request_served``: what opening a lesson costs among ten organizations and a thousand.

The first is the same request on a connection at the end of its life: the product renews one that knows
``LMS_CONN_TENANTS`` organizations, so this one knows that many, the ones that Zipf traffic brings it, and the requests
are of those. What a connection that is never renewed would cost stands beside it (``never_renewed``). The second figure
adds what warm connections hide: requests that meet a renewed connection or a forgotten host, as often as they do at a
pace (:mod:`bench.fleet.served`).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from bench import report
from bench.fleet import zipf
from bench.fleet.fleet import Fleet, Talker
from bench.fleet.served import Rules, shares
from config.env import Env

BAR = 1.15
BAR_SERVED = 1.5
ROUNDS = 11
REPEATS = 300
LEARNER = "bench.fleet.learner"
# The connection is renewed when the bench says so.
KEPT = {"LMS_CONN_TENANTS": "0", "LMS_CONN_MAX_AGE": "86400"}


@dataclass(frozen=True)
class Costs:
    """Milliseconds of CPU: a warm request, and what it costs more to meet something for the first time."""

    warm: float
    first_touch: float
    host_lookup: float
    connect: float
    backend_mb: float


def measure(small: Fleet, large: Fleet) -> None:
    """Warm one connection of each fleet to all its organizations, then let both serve the same traffic in turns."""
    with (
        small.running(),
        large.running(),
        small.talker(LEARNER, extra_env=KEPT) as few,
        large.talker(LEARNER, extra_env=KEPT) as many,
    ):
        talkers = {"small": (small, few), "large": (large, many)}
        costs = {name: _costs(fleet, talker) for name, (fleet, talker) in talkers.items()}
        never_renewed = _in_turns(talkers, known={name: set(range(fleet.size)) for name, (fleet, _) in talkers.items()})
        known = {name: _renewed(fleet, talker) for name, (fleet, talker) in talkers.items()}
        rounds = _in_turns(talkers, known)
        statements = few.ask(do="statements", what="lesson", number=0)["statements"]
    ratios, ratios_never = _ratios(rounds), _ratios(never_renewed)
    sizes = {"small": small.size, "large": large.size}
    report.figure(
        "fleet_request",
        sorted(ratios)[ROUNDS // 2],
        "x CPU",
        "<=",
        BAR,
        request="GET a lesson by a signed-in learner, through the WSGI application",
        organizations=sizes,
        known_by_the_connection={name: len(of) for name, of in known.items()},
        rounds=ROUNDS,
        repeats=REPEATS,
        ratios=report.spread(ratios),
        postgres_ratio=round(_median(rounds["large"], "postgres_ms") / _median(rounds["small"], "postgres_ms"), 3),
        **{f"{name}_ms": _split(of) for name, of in rounds.items()},
        never_renewed={
            "ratios": report.spread(ratios_never),
            **{f"{name}_ms": _split(of) for name, of in never_renewed.items()},
        },
        statements=len(statements),
    )
    _served(sizes, {name: _split(of)["total"] for name, of in rounds.items()}, costs)


def _served(sizes: dict[str, int], warm: dict[str, float], costs: dict[str, Costs]) -> None:
    rules = Rules(
        conn_tenants=Env.model_fields["conn_tenants"].default,
        conn_max_age_seconds=Env.model_fields["conn_max_age"].default,
    )
    found = {name: shares(size, rules) for name, size in sizes.items()}
    served = {
        name: warm[name]
        + found[name].first_touch * costs[name].first_touch
        + found[name].host_lookup * costs[name].host_lookup
        + found[name].connect * costs[name].connect
        for name in sizes
    }
    report.figure(
        "fleet_request_served",
        served["large"] / served["small"],
        "x CPU",
        "<=",
        BAR_SERVED,
        meaning="a request on average, renewed connections and forgotten hosts among them; shares by simulation",
        organizations=sizes,
        rules=asdict(rules),
        ms={name: round(value, 3) for name, value in served.items()},
        shares={name: asdict(one) for name, one in found.items()},
        costs_ms={name: {key: round(value, 3) for key, value in asdict(one).items()} for name, one in costs.items()},
    )


def _costs(fleet: Fleet, talker: Talker) -> Costs:
    """Meet everybody: cold, warm, with their hosts forgotten, and on a new connection."""
    everybody = list(range(fleet.size))
    passes = max(1, REPEATS // fleet.size)

    def cost(*before: str) -> dict[str, Any]:
        works = []
        for _ in range(passes):
            for step in before:
                talker.ask(do=step)
            works.append(talker.ask(do="work", what="lesson", numbers=everybody))
        return sorted(works, key=_total)[passes // 2]

    talker.ask(do="roster", people=fleet.roster)
    talker.ask(do="work", what="lesson", numbers=[0] * 50)  # modules are imported, Python has specialised
    talker.ask(do="work", what="lesson", numbers=everybody)
    warm = cost()
    forgotten = cost("forget_hosts")
    again = cost("reconnect")
    new = []
    for _ in range(15):
        talker.ask(do="reconnect")
        new.append(_total(talker.ask(do="work", what="lesson", numbers=[0])))
    first_touch = _total(again) - _total(warm)
    return Costs(
        warm=_total(warm),
        first_touch=first_touch,
        host_lookup=_total(forgotten) - _total(warm),
        connect=max(0.0, sorted(new)[len(new) // 2] - _total(again)),
        backend_mb=warm["backend_mb"],
    )


def _renewed(fleet: Fleet, talker: Talker) -> set[int]:
    """Give the talker a new connection and the traffic that makes it know all it ever will; return whom it knows."""
    most = Env.model_fields["conn_tenants"].default
    known: set[int] = set()
    asked = []
    for number in zipf.numbers(fleet.size, 100 * most, seed=ROUNDS):
        if number in known or len(known) < most:
            known.add(number)
            asked.append(number)
        if len(known) == min(most, fleet.size):
            break
    talker.ask(do="reconnect")
    talker.ask(do="work", what="lesson", numbers=asked)
    return known


def _in_turns(talkers: dict[str, tuple[Fleet, Talker]], known: dict[str, set[int]]) -> dict[str, list[dict[str, Any]]]:
    """Return the rounds of both fleets, that of one beside that of the other: Zipf traffic of those that are known."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in talkers}
    for seed in range(ROUNDS):
        for name, (fleet, talker) in talkers.items():
            drawn = zipf.numbers(fleet.size, 10 * REPEATS, seed=seed)
            asked = [number for number in drawn if number in known[name]][:REPEATS]
            found[name].append(talker.ask(do="work", what="lesson", numbers=asked))
    return found


def _ratios(rounds: dict[str, list[dict[str, Any]]]) -> list[float]:
    return [_total(one) / _total(other) for one, other in zip(rounds["large"], rounds["small"], strict=True)]


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
