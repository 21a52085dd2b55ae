"""The state of a running stack, in files beside its data: for ``status``, for commands, for tests."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class AlreadyRunning(Exception):
    """Another supervisor holds this data dir."""


class NotRunning(Exception):
    """No stack runs on this data dir."""


def lock(run_dir: Path) -> int:
    """Take the data dir for this process and those that inherit the descriptor; it is free when the last has ended.

    Raises:
        AlreadyRunning: somebody else has it.
    """
    run_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(run_dir / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        pid = _pid_in_state(run_dir)
        raise AlreadyRunning(
            f"It is already running on {run_dir.parent}{f' (process {pid})' if pid else ''}."
        ) from error
    return descriptor


def is_locked(run_dir: Path) -> bool:
    """Does a supervisor, or what is left of one, hold this data dir?"""
    try:
        os.close(lock(run_dir))
    except AlreadyRunning:
        return True
    return False


def _pid_in_state(run_dir: Path) -> int | None:
    with contextlib.suppress(OSError, ValueError):
        pid = json.loads((run_dir / "state.json").read_text()).get("keeper_pid")
        return int(pid) if pid else None
    return None


def write(run_dir: Path, name: str, content: Mapping[str, Any]) -> None:
    """Replace ``<run dir>/<name>.json`` in one step; 0600, because the environment holds passwords."""
    new = run_dir / f"{name}.json.new"
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file, indent=1)
    new.replace(run_dir / f"{name}.json")


def read(run_dir: Path, name: str) -> dict[str, Any]:
    """Content of ``<run dir>/<name>.json``.

    Raises:
        NotRunning: there is none.
    """
    try:
        content: dict[str, Any] = json.loads((run_dir / f"{name}.json").read_text())
    except FileNotFoundError as error:
        raise NotRunning(f"Nothing has been started on {run_dir.parent} yet. Start it with `make up`.") from error
    return content
