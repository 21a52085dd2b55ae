"""CPU and memory of the running product, by part: its processes are the descendants of the stack's keeper."""

from __future__ import annotations

import contextlib
import os
from collections import defaultdict
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
# What a command line holds -> what we call the part; the first that fits.
_PARTS = (
    ("postgres", "postgres"),
    ("valkey", "valkey"),
    ("gunicorn", "web"),
    ("caddy", "front"),
    ("devstack.edge", "edge"),
    ("celery", "workers"),
    ("dispatch", "dispatcher"),
)


def of_stack(keeper_pid: int) -> dict[int, str]:
    """Return the product's processes that live now, with their parts."""
    children: dict[int, list[int]] = defaultdict(list)
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                children[int(_stat(folder)[1])].append(int(folder.name))
    found, waiting = {}, [keeper_pid]
    while waiting:
        pid = waiting.pop()
        found[pid] = _part(pid)
        waiting += children[pid]
    return found


def cpu_seconds(keeper_pid: int) -> dict[str, float]:
    """Return what each part has used so far; processes that ended count where their parent has waited for them."""
    used: dict[str, float] = defaultdict(float)
    for pid, part in of_stack(keeper_pid).items():
        with contextlib.suppress(OSError):
            # utime, stime, cutime, cstime of proc(5), counted from the state field
            used[part] += sum(int(ticks) for ticks in _stat(Path(f"/proc/{pid}"))[11:15]) / _TICKS
    return dict(used)


def machine_seconds() -> float:
    """Return the CPU seconds that this machine has worked so far, for whomever: idle and iowait of proc(5) left out."""
    ticks = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return (sum(ticks) - ticks[3] - ticks[4]) / _TICKS


def resident_mb(keeper_pid: int) -> dict[str, float]:
    """Return the proportional memory of each part (shared pages are divided among those that share them)."""
    held: dict[str, float] = defaultdict(float)
    for pid, part in of_stack(keeper_pid).items():
        with contextlib.suppress(OSError):
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
            held[part] += int(text.split("Pss:")[1].split()[0]) / 1024
    return {part: round(mb, 1) for part, mb in held.items()}


def open_files(keeper_pid: int) -> dict[str, int]:
    """Return how many files and sockets each part has open."""
    held: dict[str, int] = defaultdict(int)
    for pid, part in of_stack(keeper_pid).items():
        with contextlib.suppress(OSError):
            held[part] += len(os.listdir(f"/proc/{pid}/fd"))
    return dict(held)


def _stat(folder: Path) -> list[str]:
    """The fields of ``stat`` after the command's name, which may hold blanks: state, parent, …"""
    return (folder / "stat").read_text().rpartition(")")[2].split()


def _part(pid: int) -> str:
    try:
        line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return "gone"
    return next((part for words, part in _PARTS if words in line), "rest")
