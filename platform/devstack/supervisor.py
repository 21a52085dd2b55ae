"""Runs the parts: starts each when what it needs is ready, restarts what crashes, stops all in reverse order."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable, Sequence
from types import FrameType

from devstack import logs, ports, state
from devstack.console import Console
from devstack.part import Part, PartFailed
from devstack.runner import Phase, Runner
from devstack.settings import Settings

TICK_SECONDS = 0.05
HEALTH_SECONDS = 5.0
STARTS_BEFORE_GIVING_UP = 3


class StartFailed(Exception):
    """The stack cannot come up; the text says which part, and what its log ends with."""


class Supervisor:
    """One run of a stack, from the first check to the last process gone."""

    def __init__(self, settings: Settings, parts: Sequence[Part], console: Console, watch: Sequence[int] = ()) -> None:
        self._settings = settings
        self._console = console
        self._watch = list(watch)
        """Pipes whose closing means that somebody we work for has died."""
        self._runners = {part.name: Runner(part, settings) for part in parts}
        self._stops = 0
        self._phase = "starting"
        self._began = time.monotonic()
        self._ready_seconds: float | None = None
        self._written = ""
        self._next_health = 0.0

    def run(self, when_ready: Callable[[float], None]) -> int:
        """Run until asked to stop; ``when_ready`` gets the seconds the start took. Returns the exit status."""
        wake, waker = os.pipe()
        os.set_blocking(waker, False)
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # only wakes the loop
        try:
            self._refuse_taken_ports()
            while not self._stops:
                self._step(when_ready)
                self._sleep(wake)
            status = 0
        except (StartFailed, PartFailed) as problem:
            self._console.text(f"\n{problem}\n")
            status = 1
        self._stop_all(wake)
        return status

    def _on_stop(self, number: int, frame: FrameType | None) -> None:
        self._stops += 1

    def _sleep(self, wake: int) -> None:
        try:
            # A child's end and every signal write to ``wake``: with all parts ready there is nothing to look at before.
            calm = self._phase == "ready" and all(runner.is_ready for runner in self._runners.values())
            patience = HEALTH_SECONDS if calm else TICK_SECONDS
            readable, _, _ = select.select([wake, *self._watch], [], [], patience)
        except InterruptedError:
            return
        if wake in readable:
            os.read(wake, 4096)
        for descriptor in self._watch:
            if descriptor in readable and not os.read(descriptor, 4096):
                self._watch.remove(descriptor)
                self._stops += 1
                return

    def _refuse_taken_ports(self) -> None:
        found = ports.complaints(runner.part for runner in self._runners.values())
        if found:
            raise StartFailed("\n".join(found))

    def _step(self, when_ready: Callable[[float], None]) -> None:
        for runner in self._runners.values():
            if runner.phase is Phase.WAITING and self._may_start(runner):
                runner.start()
            elif runner.phase is Phase.STARTING:
                self._follow_start(runner)
            elif runner.phase is Phase.READY:
                self._follow_run(runner)
            elif runner.phase is Phase.BACKING_OFF and time.monotonic() >= runner.next_start:
                runner.start()
        if self._phase == "starting" and all(runner.is_ready for runner in self._runners.values()):
            self._phase = "ready"
            self._ready_seconds = time.monotonic() - self._began
            self._write_state()
            when_ready(self._ready_seconds)
        self._check_health()
        self._write_state()

    def _may_start(self, runner: Runner) -> bool:
        return all(self._runners[name].is_ready for name in runner.part.after if name in self._runners)

    def _follow_start(self, runner: Runner) -> None:
        part = runner.part
        if runner.became_ready():
            if self._phase == "starting":
                self._console.done(part.title, self._note(part), runner.seconds_to_ready)
            else:
                self._console.event(part.title, "is running again")
        elif (status := runner.exit_status()) is not None:
            self._handle_end(runner, f"ended with status {status} while starting")
        elif runner.is_late():
            runner.kill()
            self._handle_end(runner, f"was not ready within {part.ready_within_seconds:.0f} s")

    def _note(self, part: Part) -> str:
        if part.says:
            return logs.tail(self._settings.log_dir, part.name, 1)
        return f"{ports.HOST}:{part.port}" if part.port is not None else ""

    def _follow_run(self, runner: Runner) -> None:
        status = runner.exit_status()
        if status is not None and not runner.part.one_shot:
            self._handle_end(runner, f"ended with status {status}")

    def _handle_end(self, runner: Runner, what: str) -> None:
        """During the first start a part gets three tries; afterwards it is restarted for as long as we run."""
        part = runner.part
        runner.crashed(what)
        gives_up = part.one_shot or runner.restarts >= STARTS_BEFORE_GIVING_UP
        if self._phase == "starting" and gives_up:
            self._console.failed(part.title, what)
            tail = logs.tail(self._settings.log_dir, part.name)
            raise StartFailed(
                f"{part.title} {what}. The end of {logs.path(self._settings.log_dir, part.name)}:\n\n{tail}"
            )
        self._console.event(
            part.title,
            f"{what}; starting it again in {runner.next_start - time.monotonic():.1f} s "
            f"(log: {logs.path(self._settings.log_dir, part.name)})",
        )

    def _check_health(self) -> None:
        """Every few seconds ask each ready part whether it still serves; say so when that changes."""
        if self._phase != "ready" or time.monotonic() < self._next_health:
            return
        for runner in self._runners.values():
            if runner.phase is Phase.READY and (change := runner.check_health()) is not None:
                self._console.event(runner.part.title, change)
        logs.rotate_large(self._settings.log_dir)
        self._next_health = time.monotonic() + HEALTH_SECONDS

    def _write_state(self) -> None:
        parts = {name: runner.report() for name, runner in self._runners.items()}
        if repr((self._phase, parts)) == self._written:
            return
        self._written = repr((self._phase, parts))
        state.write(
            self._settings.run_dir,
            "state",
            {
                "phase": self._phase,
                "supervisor_pid": os.getpid(),
                "keeper_pid": os.getppid(),
                "ready_after_seconds": round(self._ready_seconds, 2) if self._ready_seconds is not None else None,
                "parts": parts,
            },
        )

    def _needed_by(self, runners: Sequence[Runner]) -> set[str]:
        """Names of the parts that these wait for, directly or through others: a step in between has long ended."""
        needed: set[str] = set()
        waiting = [name for runner in runners for name in runner.part.after]
        while waiting:
            name = waiting.pop()
            if name not in needed and name in self._runners:
                needed.add(name)
                waiting += self._runners[name].part.after
        return needed

    def _stop_all(self, wake: int) -> None:
        """Stop a part when everything that needs it has gone: reverse order, side by side where nothing forbids it."""
        failed = self._phase == "starting"
        self._phase = "stopping"
        began = time.monotonic()
        self._console.text("\n  Stopping. A second Ctrl-C does not wait.")
        asked = self._stops
        while alive := [runner for runner in self._runners.values() if runner.is_alive()]:
            needed = self._needed_by(alive)
            for runner in alive:
                if self._stops > max(asked, 1):
                    runner.kill()  # a second Ctrl-C: no more waiting
                elif runner.part.name not in needed:
                    runner.stop_step()
            self._write_state()
            self._sleep(wake)
        for runner in self._runners.values():
            runner.stopped()
        self._console.text(f"  Everything has stopped after {time.monotonic() - began:.1f} s.")
        self._phase = "failed" if failed and not asked else "stopped"
        self._write_state()
