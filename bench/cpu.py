"""CPU time of work that crosses processes: this process and the PostgreSQL backend that serves it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """CPU seconds spent by us and by the database's backend."""

    own: float
    backend: float

    @property
    def total(self) -> float:
        """Both together, in seconds."""
        return self.own + self.backend


def of_process(pid: int) -> float:
    """Return the CPU seconds that ``pid`` has used, to the nanosecond (``/proc/<pid>/schedstat``)."""
    with open(f"/proc/{pid}/schedstat") as handle:
        return int(handle.read().split()[0]) / 1e9


def measure(work: Callable[[], object], *, backends: list[int]) -> Cost:
    """Return what ``work`` costs this thread's process and the given backends."""
    before = sum(of_process(pid) for pid in backends)
    started = time.process_time()
    work()
    own = time.process_time() - started
    return Cost(own=own, backend=sum(of_process(pid) for pid in backends) - before)


def best_of(work: Callable[[], object], *, backends: list[int], rounds: int, repeats: int) -> tuple[Cost, list[float]]:
    """Run ``work`` ``repeats`` times a round; return the median round's cost of ONE run, and all rounds in ms."""
    costs = []
    for _ in range(rounds):
        cost = measure(lambda: [work() for _ in range(repeats)], backends=backends)
        costs.append(Cost(cost.own / repeats, cost.backend / repeats))
    costs.sort(key=lambda cost: cost.total)
    return costs[len(costs) // 2], [round(cost.total * 1000, 4) for cost in costs]
