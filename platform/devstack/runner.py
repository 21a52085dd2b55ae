"""One part while it runs: its process, its phase, its health, its restarts."""

from __future__ import annotations

import enum
import subprocess
import time
from typing import Any

from devstack import logs, ports, process
from devstack.part import Part
from devstack.settings import ROOT, Settings

NEXT_SIGNAL_SECONDS = 4.0
KILL_SECONDS = 8.0
LONGEST_BACKOFF_SECONDS = 30.0
MISSES_ALLOWED = 3
"""A busy part may miss a question; this many in a row mean that it does not serve."""
STABLE_SECONDS = 5.0
"""A part that ran this long starts its backoff anew when it crashes: it was killed, or met something rare."""


class Phase(enum.Enum):
    """Where a part is in its life."""

    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    BACKING_OFF = "restarting"
    STOPPED = "stopped"


class Runner:
    """Starts, watches and stops one part. It never blocks for longer than one probe."""

    def __init__(self, part: Part, settings: Settings) -> None:
        self.part = part
        self.phase = Phase.WAITING
        self.restarts = 0
        self._in_a_row = 0
        self.next_start = 0.0
        self.seconds_to_ready = 0.0
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._stop_began: float | None = None
        self._signals_sent = 0
        self._skipped = False
        self._healthy = True
        self._misses = 0
        self._detail = ""
        self._since = time.time()

    @property
    def is_ready(self) -> bool:
        return self.phase is Phase.READY

    def start(self) -> None:
        """Prepare and start the program. Raises PartFailed when it cannot even be prepared."""
        self._started = time.monotonic()
        self._skipped = self.part.skip is not None and self.part.skip()
        if self._skipped:
            self._enter(Phase.STARTING)
            return
        if self.part.prepare is not None:
            self.part.prepare()
        with logs.open_for(self._settings.log_dir, self.part.name) as log:
            self._process = process.spawn(
                self.part.argv,
                env=self.part.env,
                log=log,
                cwd=ROOT if self.part.user is None else self._settings.data_dir,
                user=self.part.user,
                end_with_parent=self.part.stop_signals[0],
            )
        self._enter(Phase.STARTING)

    def became_ready(self) -> bool:
        """Ask once whether it serves now; the first yes also runs what has to follow its start."""
        if not self._serves():
            return False
        if self.part.settle is not None:
            self.part.settle()
        self.seconds_to_ready = time.monotonic() - self._started
        self._healthy = True
        self._misses = 0
        self._detail = ""
        self._enter(Phase.READY)
        return True

    def _serves(self) -> bool:
        status = self.exit_status()
        if self.part.one_shot:
            return self._skipped or status == 0
        if status is not None:
            return False
        if self.part.port is not None and not ports.answers(self.part.port):
            return False
        return self.part.probe is None or self._process is None or self.part.probe(self._process.pid)

    def exit_status(self) -> int | None:
        """Its exit status, None while it runs."""
        return self._process.poll() if self._process is not None else None

    def is_late(self) -> bool:
        return time.monotonic() - self._started > self.part.ready_within_seconds

    def crashed(self, what: str) -> None:
        """Clear away what is left of it and set the time of its next start."""
        self.kill()
        if self.phase is Phase.READY and time.monotonic() - self._started > STABLE_SECONDS:
            self._in_a_row = 0
        delay = min(0.5 * 2**self._in_a_row, LONGEST_BACKOFF_SECONDS)
        self._in_a_row += 1
        self.restarts += 1
        self.next_start = time.monotonic() + delay
        self._detail = what
        self._enter(Phase.BACKING_OFF)

    def check_health(self) -> str | None:
        """Does it still serve? A sentence when that has changed since the last time."""
        served = self.part.one_shot or self._serves()
        self._misses = 0 if served else self._misses + 1
        healthy = self._misses < MISSES_ALLOWED
        if healthy == self._healthy:
            return None
        self._healthy = healthy
        self._detail = "" if healthy else "runs but does not answer"
        return "answers again" if healthy else self._detail

    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop_step(self) -> None:
        """Send the next stop signal when it is due; after the last, kill its whole group."""
        if self._process is None:
            return
        now = time.monotonic()
        self._stop_began = self._stop_began or now
        waited = now - self._stop_began
        if waited >= KILL_SECONDS:
            self.kill()
        elif self._signals_sent < len(self.part.stop_signals) and waited >= self._signals_sent * NEXT_SIGNAL_SECONDS:
            process.signal_process(self._process, self.part.stop_signals[self._signals_sent])
            self._signals_sent += 1

    def kill(self) -> None:
        """End its process and everything that stayed in its group, now."""
        if self._process is not None:
            process.kill_group(self._process.pid)
            self._process.wait()

    def stopped(self) -> None:
        """After its end: nothing of its group may stay."""
        if self._process is not None:
            process.kill_group(self._process.pid)
        self._enter(Phase.STOPPED)

    def _enter(self, phase: Phase) -> None:
        self.phase = phase
        self._since = time.time()

    def report(self) -> dict[str, Any]:
        """Its entry in the state file. ``since`` is seconds since 1970."""
        return {
            "title": self.part.title,
            "phase": "done" if self.part.one_shot and self.is_ready else self.phase.value,
            "healthy": self._healthy if self.is_ready else False,
            "pid": self._process.pid if self.is_alive() and self._process is not None else None,
            "port": self.part.port,
            "since": round(self._since, 1),
            "seconds_to_ready": round(self.seconds_to_ready, 2),
            "restarts": self.restarts,
            "detail": self._detail,
            "log": str(logs.path(self._settings.log_dir, self.part.name)),
        }
