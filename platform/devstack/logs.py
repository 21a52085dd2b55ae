"""One log file a part, under the data dir, kept from growing without end."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import IO

LARGEST_BYTES = 20 * 1024 * 1024
TAIL_BYTES = 64 * 1024


def path(log_dir: Path, name: str) -> Path:
    return log_dir / f"{name}.log"


def open_for(log_dir: Path, name: str) -> IO[bytes]:
    """The log of a part, opened to append, with a line that says when this start was."""
    log_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    log = path(log_dir, name).open("ab")
    log.write(f"--- started {time.strftime('%Y-%m-%d %H:%M:%S')} ---\n".encode())
    log.flush()
    return log


def tail(log_dir: Path, name: str, lines: int = 20) -> str:
    """The last lines of a part's log since its last start."""
    file = path(log_dir, name)
    try:
        with file.open("rb") as log:
            log.seek(max(0, file.stat().st_size - TAIL_BYTES))
            text = log.read().decode(errors="replace")
    except FileNotFoundError:
        return "(nothing was logged)"
    since_start = text.rpartition("--- started ")[2].split("\n")[1:]
    return "\n".join(since_start[-lines - 1 :]).strip() or "(nothing was logged)"


def rotate_large(log_dir: Path) -> None:
    """Move what a log that has grown large holds to ``<name>.log.1``; its writer goes on appending to the same file."""
    for log in log_dir.glob("*.log"):
        if log.stat().st_size > LARGEST_BYTES:
            shutil.copyfile(log, log.with_name(log.name + ".1"))
            with log.open("r+b") as file:
                file.truncate(0)
