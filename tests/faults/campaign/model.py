"""A scenario, one run of it, and the line that a run becomes."""

from __future__ import annotations

import contextlib
import os
import random
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from core.clock import now
from tests.faults.campaign import judge
from tests.faults.campaign.crowd import LEARNING, Crowd, percentile
from tests.faults.campaign.ledger import Ledger
from tests.faults.campaign.stage import Stage

RECOVERY_SECONDS = 15.0
SETTLE_SECONDS = 3.0
HANGING_SECONDS = 2.0
"""Whoever waits so long while a fault lasts is not served, whatever they are answered when it has gone."""


@dataclass
class Run:
    """One run of a scenario: what it draws from its seed, and what was seen."""

    scenario: Scenario
    seed: int
    maybe_stage: Stage | None
    broken: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.chance = random.Random(f"{self.seed}:{self.scenario.id}")

    @property
    def stage(self) -> Stage:
        assert self.maybe_stage is not None
        return self.maybe_stage

    def require(self, holds: object, words: str) -> None:
        """Break the promise with these words unless it holds."""
        if not holds:
            self.broken.append(words)

    def figure(self, **figures: Any) -> None:
        self.figures |= figures

    @contextlib.contextmanager
    def crowd(self, *, writers: bool = True, pause: float = 0.12) -> Iterator[Crowd]:
        """People at work in ``reef`` for as long as the block lasts; then every write is held against the rows."""
        school = self.stage.schools["reef"]
        self.stage.invite_anew()
        ledger = Ledger(self.stage.folder / f"{self.scenario.id}-{self.seed}.jsonl")
        crowd = Crowd(
            port=self.stage.port,
            ledger=ledger,
            learners=school.learners,
            owner=school.owner if writers else None,
            mail_host=f"{self.scenario.id}.example",
            seed=self.seed,
            to_complete=school.untouched(),
            pause=pause,
        )
        began = time.monotonic()
        with crowd.at_work():
            time.sleep(SETTLE_SECONDS)
            self.figure(p95_before_ms=percentile(crowd.answers(since=began), 0.95))
            yield crowd
        ledger.close()
        judge.writes(self, crowd, ledger)

    def recovered(self, crowd: Crowd, healed: float, *, within: float = RECOVERY_SECONDS) -> None:
        """Wait until everybody is served again, and judge how long it took."""
        took = crowd.recovery(healed)
        self.figure(recovery_s=max(took if took is not None else 999.0, self.figures.get("recovery_s", 0.0)))
        self.require(took is not None and took <= within, f"served again after {took} s, promised are {within:.0f} s")

    def moment(self, low: float = 0.3, high: float = 2.0) -> None:
        """Let a moment pass that the seed decides."""
        time.sleep(self.chance.uniform(low, high))

    def learning_goes_on(self, crowd: Crowd, since: float, until: float, *, added_ms: float = 1000.0) -> None:
        """Nobody who learns is refused in that time, and nobody waits much longer than before.

        Asked while the fault lasts. Who waits for an answer then has none that could be judged, and may have waited
        from its first moment on: their requests count as they stand.
        """
        hanging = [one for one in crowd.hanging(HANGING_SECONDS) if one.kind in LEARNING]
        answered = [answer for answer in crowd.answers(since=since, until=until) if answer.kind in LEARNING]
        bad = [answer for answer in answered if not answer.good]
        answers = answered + hanging
        p95, before = percentile(answers, 0.95), self.figures.get("p95_before_ms")
        self.figure(
            learning_requests=len(answers),
            learning_refused=len(bad),
            learning_hanging=len(hanging),
            p95_during_ms=p95,
            added_p95_ms=round(p95 - before, 1) if p95 is not None and before is not None else None,
        )
        self.require(answered, "nobody learned while the fault lasted")
        self.require(
            not bad, f"{len(bad)} requests of learners failed: {sorted({(b.kind, b.status) for b in bad})[:4]}"
        )
        self.require(
            not hanging,
            f"{len(hanging)} requests of learners hang: {sorted({one.kind for one in hanging})},"
            f" the longest for {max((one.ended - one.began for one in hanging), default=0.0):.1f} s",
        )
        added = self.figures["added_p95_ms"]
        self.require(added is None or added <= added_ms, f"learners waited {added} ms longer (p95)")

    def nobody_waits(self, crowd: Crowd) -> None:
        """Require that no request hangs now, while the fault lasts, whoever's it is."""
        hanging = sorted({one.kind for one in crowd.hanging(HANGING_SECONDS)})
        self.require(not hanging, f"requests hang: {hanging}")

    def noticed(self, crowd: Crowd, since: float, until: float = float("inf")) -> None:
        """Require that the fault was one: somebody was not served, or waited, whose request began in that time."""
        hurt = [one for one in crowd.answers(since=since, until=until) if not one.good or one.ended - one.began > 1.0]
        self.figure(noticed=self.figures.get("noticed", 0) + len(hurt))
        self.require(hurt, "nobody noticed anything: the fault did not take place")

    def invited(self, crowd: Crowd, since: float, until: float = float("inf")) -> None:
        """Require that somebody was told in that time that an invitation is on its way: else no mail shows anything."""
        by_the_clock = time.time() - time.monotonic()
        told = [entry.acked - by_the_clock for entry in crowd.ledger.of("invitation", acked=True) if entry.acked]
        count = sum(since <= moment < until for moment in told)
        self.figure(invited=self.figures.get("invited", 0) + count)
        self.require(count, "nobody was told that an invitation goes out, so no mail showed anything")

    def hit(self, victims: int, words: str) -> None:
        """Require that a fault had somebody to happen to: connections that were open, processes that ran."""
        self.figure(hit=self.figures.get("hit", 0) + victims)
        self.require(victims, f"{words}: the fault did not take place")

    def among(self, crowd: Crowd, kind: str, since: float, until: float = float("inf")) -> set[int]:
        """Return the statuses that requests of a kind were answered with, of those that began in that time."""
        return {answer.status for answer in crowd.answers(since=since, until=until) if answer.kind == kind}


@dataclass(frozen=True)
class Scenario:
    """One fault. ``rows`` are those of the fault table that it answers; ``part`` is what fails."""

    id: str
    rows: tuple[str, ...]
    part: str
    fault: str
    promise: str
    run: Callable[[Run], None]
    staged: bool = True
    small: bool = False
    planted: str = ""
    """A self-check: a loss is planted, and the verdict has to be ``broken``, in words that hold these."""


SCENARIOS: list[Scenario] = []


def scenario(
    id: str, rows: str, *, part: str, fault: str, promise: str, staged: bool = True, small: bool = False,
    planted: str = "",
) -> Callable[[Callable[[Run], None]], Callable[[Run], None]]:  # fmt: skip
    """Register the function below as a scenario; ``rows`` by spaces."""

    def register(function: Callable[[Run], None]) -> Callable[[Run], None]:
        SCENARIOS.append(Scenario(id, tuple(rows.split()), part, fault, promise, function, staged, small, planted))
        return function

    return register


def perform(found: Scenario, seed: int, stage: Stage | None) -> dict[str, Any]:
    """Run a scenario; return its line. What it raises is a broken promise as well, with the last words of the trace."""
    run = Run(found, seed, stage)
    began = time.monotonic()
    # What else this machine has to do: a recovery of seconds is one of a machine that is there for it.
    run.figure(load=round(os.getloadavg()[0], 1), cores=os.cpu_count())
    try:
        found.run(run)
        if stage is not None and found.staged:
            stage.heal()
            stage.settled()
    except Exception as error:  # noqa: BLE001 - a scenario that cannot be finished has not kept its promise
        where = traceback.extract_tb(error.__traceback__)[-1]
        run.broken.append(f"{type(error).__name__}: {str(error)[:300]} ({where.name}:{where.lineno})")
    finally:
        if stage is not None and found.staged:
            stage.heal()
    return {
        "id": found.id,
        "seed": seed,
        "verdict": "broken" if _is_broken(run) else "kept",
        "rows": list(found.rows),
        "part": found.part,
        "fault": found.fault,
        "promise": found.promise,
        "planted": bool(found.planted),
        **run.figures,
        "broken": run.broken,
        "took_s": round(time.monotonic() - began, 1),
        "at": now().isoformat(timespec="seconds"),
    }


def _is_broken(run: Run) -> bool:
    """A planted loss counts as found only by its own words: a harness that fails has found nothing."""
    planted = run.scenario.planted
    return any(planted in words for words in run.broken) if planted else bool(run.broken)
