"""A fleet with a class in each organization, and crowds of clients that ask it."""

from __future__ import annotations

import contextlib
import json
import math
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.fleet import fleet as fleets
from bench.load import processes
from bench.product import ROOT
from devstack import stack

# Everybody comes from one address here; what one organization and one person may ask stays as it is sold.
ONE_ADDRESS = dict.fromkeys(("LMS_RATE_VISITOR", "LMS_RATE_ADDRESS", "LMS_RATE_SIGN_IN"), "1000000/1")
UNLIMITED = {**ONE_ADDRESS, "LMS_RATE_ORGANIZATION": "1000000/1", "LMS_RATE_PERSON": "1000000/1"}
LEARNERS = {1: 40, 10: 10, 100: 3}
"""Learners of each organization, by how many organizations there are: no one person takes all the writes."""


@dataclass(frozen=True)
class Answers:
    """What a crowd met, and what the product used meanwhile."""

    milliseconds: dict[str, list[float]]
    statuses: dict[str, int]
    seconds: float
    client_cpu: float
    cpu: dict[str, float]
    machine: float
    """Cores that were busy with anything, this machine's other users among them."""

    @property
    def answered(self) -> int:
        """Requests that were answered with 2xx."""
        return sum(map(len, self.milliseconds.values()))

    @property
    def refused(self) -> int:
        """Requests that were not."""
        return sum(count for status, count in self.statuses.items() if not status.startswith("2"))

    @property
    def product_cpu(self) -> float:
        """CPU seconds of all parts of the product."""
        return sum(self.cpu.values())

    def percentile(self, share: float, route: str | None = None) -> float:
        """Return the milliseconds within which this share of the answers came."""
        chosen = [self.milliseconds.get(route, [])] if route else list(self.milliseconds.values())
        ordered = sorted(value for values in chosen for value in values)
        return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan

    def percentiles(self, route: str | None = None) -> dict[str, float]:
        """Return p50, p95 and p99 in milliseconds."""
        return {f"p{percent}": round(self.percentile(percent / 100, route), 1) for percent in (50, 95, 99)}


@dataclass
class School:
    """The fleet and everybody in it."""

    fleet: fleets.Fleet
    people: list[dict[str, Any]] = field(default_factory=list)
    keeper_pid: int = 0

    @property
    def port(self) -> int:
        """Where the front door listens."""
        assert self.fleet.env is not None, "the stack is not running"
        return self.fleet.env.settings.ports["front"]

    def of(self, numbers: set[int]) -> list[dict[str, Any]]:
        """Return the people of these organizations."""
        return [person for person in self.people if person["number"] in numbers]

    @contextlib.contextmanager
    def open(self, rates: dict[str, str]) -> Iterator[None]:
        """Let the whole product run, with these rates of asking."""
        with self.fleet.running(frozenset(stack.NAMES), rates) as env:
            self.keeper_pid = env.keeper_pid
            yield

    def crowd(
        self,
        people: list[dict[str, Any]],
        *,
        pace: float | None,
        seconds: float,
        seed: int = 1,
        clients: int = 24,
        routes: Sequence[str] = (),
    ) -> subprocess.Popen[str]:
        """Let clients begin to ask: the mix, or with ``routes`` each client these, once and all at the same moment."""
        told = {
            "people": people,
            "port": self.port,
            "pace": pace,
            "seconds": seconds,
            "seed": seed,
            "clients": clients,
            "routes": list(routes),
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.load.clients"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdin
        process.stdin.write(json.dumps(told))
        process.stdin.close()
        return process

    def ask(self, people: list[dict[str, Any]], *, pace: float | None, seconds: float, seed: int = 1) -> Answers:
        """Let clients ask and wait for what they met."""
        before, busy, began = processes.cpu_seconds(self.keeper_pid), processes.machine_seconds(), time.monotonic()
        found = met(self.crowd(people, pace=pace, seconds=seconds, seed=seed))
        after = processes.cpu_seconds(self.keeper_pid)
        used = {part: max(0.0, after[part] - before.get(part, 0.0)) for part in after}
        machine = (processes.machine_seconds() - busy) / (time.monotonic() - began)
        return Answers(found["ms"], found["statuses"], found["seconds"], found["client_cpu"], used, machine)


def met(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Wait for clients; return what they met.

    Raises:
        RuntimeError: they ended without an answer.
    """
    assert process.stdout
    said = process.stdout.read()
    if process.wait() or not said:
        raise RuntimeError(f"the clients ended with status {process.returncode}")
    found: dict[str, Any] = json.loads(said)
    return found


@contextlib.contextmanager
def opened(organizations: int, *, learners: int | None = None) -> Iterator[School]:
    """Make organizations with a class each; everything goes with the block."""
    with fleets.opened(f"load-{organizations}") as fleet:
        with fleet.running():
            fleet.grow(organizations)
            asked = {"roster": fleet.roster, "learners": learners or LEARNERS[organizations]}
            made = subprocess.run(
                [sys.executable, "-m", "bench.load.crowd"],
                cwd=ROOT,
                env=fleet.environment(owner=True),
                input=json.dumps(asked),
                stdout=subprocess.PIPE,
                check=True,
                text=True,
            )
        yield School(fleet, [json.loads(line) for line in made.stdout.splitlines() if line.startswith("{")])
