"""Processes: starting one that cannot outlive us, and ending a whole family of them."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_LINUX = sys.platform == "linux"
_libc = ctypes.CDLL(None, use_errno=True) if _LINUX else None


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends, so that none can get away (Linux)."""
    if _libc is not None:
        _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def spawn(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    log: IO[bytes] | int | None,
    cwd: Path,
    user: tuple[int, int] | None = None,
    end_with_parent: signal.Signals = signal.SIGTERM,
    keep: Sequence[int] = (),
    new_session: bool = True,
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own, that gets ``end_with_parent`` when we die however we die.

    A session of its own keeps the terminal's Ctrl-C from it: only the supervisor hears that, and stops them in order.
    ``keep`` are file descriptors it inherits beside its log. ``user`` is (uid, gid), for a supervisor that is root.
    """
    return subprocess.Popen(
        list(argv),
        env=dict(env),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT if log is not None else None,
        start_new_session=new_session,
        preexec_fn=_die_with_parent(end_with_parent),
        pass_fds=tuple(keep),
        user=user[0] if user else None,
        group=user[1] if user else None,
        extra_groups=[] if user else None,
    )


def _die_with_parent(number: signal.Signals) -> Callable[[], None]:
    parent = os.getpid()

    def apply() -> None:
        # Runs after the change of user: that change would have cleared the request.
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)  # the parent died before the request was in place

    return apply


def signal_process(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal to one process, if it is still there."""
    if process.poll() is None:
        process.send_signal(number)


def kill_group(pid: int) -> None:
    """End a process that we started with ``spawn`` and whatever stayed in its group, at once."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def children_of(pid: int) -> list[int]:
    """Process ids of the direct children, zombies included. Empty where there is no /proc."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name in brackets may itself hold spaces and brackets: what we want stands after the last one.
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if len(fields) > 1 and fields[1] == str(pid):
            found.append(int(entry.parent.name))
    return found


def end_family(grace_seconds: float) -> int:
    """Reap every child until none is left; those still there after the grace are killed. Returns how many were killed.

    Used by a process that adopts orphans: killing a child hands us its children, until the family has died out.
    """
    deadline = time.monotonic() + grace_seconds
    killed: set[int] = set()
    while True:
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return len(killed)
        if time.monotonic() >= deadline:
            for pid in children_of(os.getpid()):
                killed.add(pid)
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
        time.sleep(0.02)
