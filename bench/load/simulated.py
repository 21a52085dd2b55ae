"""The web server's rules on a simulated machine, which nobody else's load reaches: the same figures on each run.

The rules are the product's own (:mod:`config.hall`); simulated are two processors that whoever is ready shares evenly,
two web processes with an interpreter each that one thread holds at a time, PostgreSQL and the front door as plain work,
and clients. It decides between rules and says what one of them is worth. What the product is worth is measured.
"""

from __future__ import annotations

import heapq
import itertools
import math
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from config.hall import Hall, Rules

CORES = 2
PROCESSES = 2
THREADS = 8
SWITCH_SECONDS = 0.005  # sys.getswitchinterval()
TURN_SECONDS = 0.05  # config.fair_worker.TURN_SECONDS; importing it would need settings
RULES = Rules(threads=6, line=500)  # of the eight; the rest as by default
AS_IF_ALONE = replace(RULES, about_seconds=0.0)
"""The threads are shared, and nothing else: as it was before work was counted."""
WHALE = "whale"
OTHERS = 9  # organizations, the busiest asking most; every second one lives in the whale's process
_STEP = 0.0001  # seconds that a processor works before it looks whose turn it is
_AHEAD = 0.003  # who wakes up is served before who has long been at it: half a time slice of Linux

Then = Callable[[], None]


@dataclass(frozen=True)
class Costs:
    """Milliseconds of a request's parts: ``load_routes``, and what gunicorn and the front door add under load."""

    python: float = 2.6
    postgres: float = 1.8
    statements: int = 8
    parsing: float = 0.5
    front: float = 0.7
    commit: float = 2.0  # waiting for the disk; of those that write
    writes: float = 0.44
    spread: float = 0.6  # sigma of the logarithm: some requests are large
    client: float = 1.0


@dataclass
class Found:
    """What came of it; milliseconds of the others' answers, seconds of the class."""

    p50: float
    p95: float
    flood_a_second: float
    busy_cores: float
    class_seconds: float


@dataclass
class _Guest:
    party: str
    deadline: float
    began: float = 0.0
    goes_on: Then = lambda: None

    def sit(self) -> None:
        """Nothing has to be put aside here."""


@dataclass(eq=False)
class _Work:
    had: float
    left: float
    then: Then


class Machine:
    """The clock, what is due at some time, and processors that serve first whoever had least of them."""

    def __init__(self) -> None:
        self.now = 0.0
        self.busy = 0.0
        self._number = itertools.count()
        self._due: list[tuple[float, int, Then]] = []
        self._ready: list[_Work] = []
        self._least = 0.0

    def at(self, moment: float, then: Then) -> None:
        """Do this then."""
        heapq.heappush(self._due, (moment, next(self._number), then))

    def work(self, seconds: float, then: Then) -> None:
        """Need a processor for so long, then do this."""
        self._ready.append(_Work(self._least - _AHEAD, seconds, then))

    def run(self, until: float) -> None:
        """Let time pass."""
        while self.now < until and (self._ready or self._due):
            if not self._ready:
                self.now = max(self.now, self._due[0][0])
            while self._due and self._due[0][0] <= self.now:
                heapq.heappop(self._due)[2]()
            if self._ready:
                self._serve()

    def _serve(self) -> None:
        self._ready.sort(key=lambda one: one.had)
        served = self._ready[:CORES]
        step = max(min(_STEP, *(one.left for one in served)), 1e-6)
        self.now += step
        self.busy += step * len(served)
        for one in served:
            one.had += step
            one.left -= step
        self._least = max(self._least, self._ready[0].had)
        done = [one for one in served if one.left <= 1e-9]
        for one in done:
            self._ready.remove(one)
        for one in done:
            one.then()


class Interpreter:
    """Python's lock: one thread computes; after a moment it lets the next one, if there is one."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._waiting: deque[_Work] = deque()
        self._is_held = False

    def work(self, seconds: float, then: Then) -> None:
        """Compute for so long, then do this."""
        self._waiting.append(_Work(0.0, seconds, then))
        self._pass_on()

    def _pass_on(self) -> None:
        if self._is_held or not self._waiting:
            return
        thread, self._is_held = self._waiting.popleft(), True
        turn = min(thread.left, SWITCH_SECONDS)

        def over() -> None:
            self._is_held = False
            thread.left -= turn
            if thread.left > 1e-9:
                self._waiting.append(thread)
            self._pass_on()
            if thread.left <= 1e-9:
                thread.then()

        self._machine.work(turn, over)


class Process:
    """A web process: its threads, its interpreter and its hall."""

    def __init__(self, machine: Machine, rules: Rules, costs: Costs, chance: random.Random) -> None:
        self._machine, self._costs, self._chance = machine, costs, chance
        self._hall: Hall[_Guest] = Hall(rules, lambda: machine.now)
        self._interpreter = Interpreter(machine)
        self._free = THREADS
        self._wanting: deque[Then] = deque()
        machine.at(TURN_SECONDS, self._turn)

    def ask(self, party: str, then: Then) -> None:
        """Send a request through the front door; do ``then`` when the answer is there."""
        front = self._costs.front / 2000
        self._machine.work(front, lambda: self._with_thread(lambda: self._read(party, then)))

    def _read(self, party: str, then: Then) -> None:
        def read() -> None:
            guest = _Guest(party, math.inf)
            guest.goes_on = lambda: self._answer(guest, then)
            if self._hall.enter(guest) == "in":
                guest.goes_on()
            else:
                self._let_go()

        self._interpreter.work(self._costs.parsing / 1000, read)

    def _answer(self, guest: _Guest, then: Then) -> None:
        steps = self._steps()
        work = 0.0

        def ended(kind: str, seconds: float, began: float) -> None:
            nonlocal work
            work += seconds if kind == "python" else self._machine.now - began
            following()

        def following() -> None:
            if not steps:
                self._go_on(self._hall.leave(guest, work))
                self._look_soon()
                self._let_go()
                self._machine.work(self._costs.front / 2000, then)
                return
            kind, seconds = steps.popleft()
            began = self._machine.now

            def after() -> None:
                ended(kind, seconds, began)

            if kind == "python":
                self._interpreter.work(seconds, after)
            elif kind == "postgres":
                self._machine.work(seconds, after)
            else:
                self._machine.at(began + seconds, after)

        following()

    def _steps(self) -> deque[tuple[str, float]]:
        costs, chance = self._costs, self._chance
        size = math.exp(chance.gauss(0, costs.spread) - costs.spread**2 / 2) / 1000
        steps: deque[tuple[str, float]] = deque()
        for _ in range(costs.statements):
            steps.append(("python", costs.python * size / (costs.statements + 1)))
            steps.append(("postgres", costs.postgres * size / costs.statements))
        if chance.random() < costs.writes:
            steps.append(("disk", costs.commit * chance.uniform(0.7, 1.6) / 1000))
        steps.append(("python", costs.python * size / (costs.statements + 1)))
        return steps

    def _with_thread(self, what: Then) -> None:
        if self._free:
            self._free -= 1
            what()
        else:
            self._wanting.append(what)

    def _let_go(self) -> None:
        if self._wanting:
            self._wanting.popleft()()
        else:
            self._free += 1

    def _go_on(self, guests: list[_Guest]) -> None:
        for guest in guests:
            self._with_thread(guest.goes_on)

    def _turn(self) -> None:
        self._go_on(self._hall.moved_on()[0])
        self._machine.at(self._machine.now + TURN_SECONDS, self._turn)

    def _look_soon(self) -> None:
        """A request that ends wakes the loop, which then looks for how long it may sleep."""
        soon = self._hall.look_again_seconds(TURN_SECONDS)
        if soon is not None and soon < TURN_SECONDS:
            self._machine.at(self._machine.now + soon, lambda: self._go_on(self._hall.moved_on()[0]))


def simulate(
    rules: Rules,
    *,
    flood: int = 0,
    pupils: int = 0,
    pace: float = 30.0,
    seconds: float = 15.0,
    seed: int = 1,
    costs: Costs | None = None,
) -> Found:
    """Let the others ask at ``pace``; beside them a flood of so many clients, or a class with a request each."""
    machine, chance, costs = Machine(), random.Random(seed), costs or Costs()
    processes = [Process(machine, rules, costs, chance) for _ in range(PROCESSES)]
    clients = Interpreter(machine)  # of the flood and of the class; the others' cost little
    milliseconds: list[float] = []
    answered: list[float] = []

    def flooding() -> None:
        if machine.now < seconds:
            processes[0].ask(WHALE, lambda: (answered.append(machine.now), clients.work(costs.client / 1000, flooding)))

    def pupil() -> None:
        clients.work(costs.client / 1000, lambda: processes[0].ask(WHALE, lambda: answered.append(machine.now)))

    def other(organization: int, due: float) -> None:
        processes[organization % PROCESSES].ask(
            f"other-{organization}", lambda: milliseconds.append(1000 * (machine.now - due))
        )

    weights = [1 / rank for rank in range(1, OTHERS + 1)]
    for number in range(int(seconds * pace)):
        (organization,) = chance.choices(range(OTHERS), weights)
        due = number / pace
        machine.at(due, lambda organization=organization, due=due: other(organization, due))
    for _ in range(flood):
        machine.at(chance.random() / 20, flooding)
    begins = seconds / 5
    for _ in range(pupils):
        machine.at(begins, pupil)
    machine.run(seconds + 1)
    ordered = sorted(milliseconds)
    return Found(
        p50=ordered[len(ordered) // 2],
        p95=ordered[math.ceil(0.95 * len(ordered)) - 1],
        flood_a_second=len(answered) / seconds,
        busy_cores=machine.busy / machine.now,
        class_seconds=max(answered, default=begins) - begins,
    )
