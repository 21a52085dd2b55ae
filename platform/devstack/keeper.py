"""The process a person starts and stops. It holds the terminal, and no descendant of the supervisor gets past it.

Two processes watch each other. The keeper (this one) adopts every orphan below it: when the supervisor is killed, its
servers and *their* children become the keeper's, which ends them all. The supervisor hears of the keeper's death by a
pipe that closes, and stops everything in order. So whichever of the two is killed, no process is left behind.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from devstack import process, state
from devstack.settings import ROOT, Settings

# After the supervisor's death its servers have been told to stop; this is how long they get for it.
ORPHAN_GRACE_SECONDS = 4.0


def run(settings: Settings, arguments: Sequence[str], lifeline: int | None) -> int:
    """Start the supervisor, hand it the signals meant for us, and return its exit status.

    ``lifeline`` is a descriptor of the caller whose closing means stop (tests use it). Raises AlreadyRunning.
    """
    held = state.lock(settings.run_dir)
    process.adopt_orphans()
    heard, ours = os.pipe()  # ``ours`` closes with us, and with us alone
    keep = [held, heard, *([lifeline] if lifeline is not None else [])]
    # Explicitly: a process started in the background of a script inherits SIGINT as ignored.
    stop = _Stop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if (
            number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN
        ):  # ``nohup`` asks to outlive the terminal
            signal.signal(number, stop)
    watched = ",".join(str(descriptor) for descriptor in keep[1:])
    supervisor = process.spawn(
        [sys.executable, "-m", "devstack", "supervise", f"--watch={watched}", *arguments],
        env=dict(os.environ),
        log=None,
        cwd=ROOT,
        keep=keep,
    )
    os.close(heard)
    stop.begin(supervisor.pid)
    status = _wait_for(supervisor.pid)
    stop.pid = None
    process.end_family(ORPHAN_GRACE_SECONDS if status < 0 else 0.5)
    os.close(ours)
    if status < 0:
        state.write(
            settings.run_dir, "state", {"phase": "stopped", "detail": f"the supervisor ended by signal {-status}"}
        )
        return 128 - status
    return status


class _Stop:
    """Signal handler: passes the wish to stop on to the supervisor; a second one makes it hurry."""

    pid: int | None = None
    wanted = False

    def begin(self, pid: int) -> None:
        self.pid = pid
        if self.wanted:  # it came while the supervisor was being started
            self(signal.SIGTERM, None)

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self.wanted = True
        if self.pid is not None:
            try:
                os.kill(self.pid, signal.SIGTERM)
            except ProcessLookupError:
                self.pid = None


def _wait_for(pid: int) -> int:
    """Reap whatever ends, adopted orphans too, until this one does. Its status, negative for a signal."""
    while True:
        ended, status = os.waitpid(-1, 0)
        if ended == pid:
            return os.waitstatus_to_exitcode(status)
