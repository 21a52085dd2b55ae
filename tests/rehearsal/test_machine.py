"""The host of a rehearsal, with small programs in the product's place: what the deployment script asks, it does."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rehearsal.codes import Code
from tests.rehearsal.machine import Failed, Machine

# Says when it serves, and stops when it is asked to, or does not.
_OBEYS = "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(0)); print('up', flush=True)"
_IGNORES = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True)"
ROLLED = ["web-1", "web-2", "worker", "dispatcher", "transcoder", "archivist", "provisioner"]


class Small(Machine):
    """Starts programs of a line or two. Whoever obeys may take as long as a busy machine takes."""

    program = _OBEYS
    status_of_steps = 0
    grace = 60.0

    def argv(self, name: str, code: Code) -> list[str]:
        if name == "migrate":
            return [sys.executable, "-c", f'print(\'{{"step": "check"}}\'); raise SystemExit({self.status_of_steps})']
        return [sys.executable, "-c", f"{self.program}; time.sleep(600)"]

    def is_healthy(self, name: str) -> bool:
        return self.running[name].process.poll() is None and "up" in (self.folder / f"{name}.log").read_text()

    def _grace(self, name: str) -> float:
        return self.grace


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Small]:
    images = {
        name: Code(name, "", tmp_path, Path(sys.executable), tmp_path) for name in ("lms:before", "lms:now")
    }  # fmt: skip
    made = Small(tmp_path, {name: {} for name in (*ROLLED, "migrate")}, images)
    with made.scripted():
        yield made


def _of(machine: Machine) -> set[str]:
    return {found.code.image for found in machine.running.values()}


def test_the_script_deploys_goes_back_and_takes_the_steps_each_time(machine: Small) -> None:
    machine.script("deploy", "lms:before")
    assert list(machine.running) == ROLLED
    assert _of(machine) == {"lms:before"}
    machine.script("deploy", "lms:now")
    assert _of(machine) == {"lms:now"}
    assert [(stop["service"], stop["of"], stop["killed"]) for stop in machine.stops] == [
        (name, "lms:before", False) for name in ROLLED
    ]
    machine.script("rollback")
    assert _of(machine) == {"lms:before"}
    assert len(machine.steps) == 3
    assert machine.ended() == []


def test_steps_that_end_badly_leave_what_serves(machine: Small) -> None:
    machine.script("deploy", "lms:before")
    machine.status_of_steps = 1
    with pytest.raises(Failed, match="nothing was replaced"):
        machine.script("deploy", "lms:now")
    assert _of(machine) == {"lms:before"}


def test_who_does_not_stop_is_killed_after_the_grace_and_that_is_noted(machine: Small) -> None:
    machine.program, machine.grace = _IGNORES, 0.3
    for name in ("web-1", "worker"):
        machine.replace(name, machine.images["lms:before"])
        while not machine.is_healthy(name):
            time.sleep(0.02)
    machine.stop("web-1")
    assert machine.stops[0]["killed"]
    machine.program = _OBEYS
    machine.plant = "no-drain"
    machine.stop("worker")
    assert machine.stops[1]["killed"], "it ignored the signal as well"


def test_a_planted_kill_hits_web_servers_alone(machine: Small) -> None:
    for name in ("web-1", "worker"):
        machine.replace(name, machine.images["lms:before"])
        while not machine.is_healthy(name):
            time.sleep(0.02)
    machine.plant = "no-drain"
    machine.stop("web-1")
    machine.stop("worker")
    assert [stop["killed"] for stop in machine.stops] == [True, False]


@pytest.mark.parametrize(
    "asked", [["rm", "--force", "web-1"], ["compose", "up", "--detach", "--force-recreate", "postgres"], ["inspect"]]
)
def test_what_a_deployment_never_asked_is_not_answered(machine: Small, asked: list[str]) -> None:
    assert machine.answer(asked, "lms:now")[0] != 0


def test_an_image_that_nobody_has_is_not_there(machine: Small) -> None:
    with pytest.raises(Failed):
        machine.script("deploy", "lms:unheard")
