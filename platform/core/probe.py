"""Whether one of the product's programs is alive, asked from beside it: over HTTP, or by the connections it holds.

A worker answers no port. It is alive while it holds a connection to its queue (the dispatcher: to the database): it
connects last of all when it starts, and connects again by itself when the other side was away.
"""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from core import secret_files
from core.processes import LISTEN, PROCESSES, RUNS, UnknownProcess

SECONDS = 4.0


def of_this_container() -> dict[str, str]:
    """Return the environment of the program that this container runs, its first process.

    Raises:
        UnknownProcess: the first process is none of ours, or belongs to somebody else.
    """
    try:
        lines = Path("/proc/1/environ").read_bytes().split(b"\0")
    except OSError as problem:
        raise UnknownProcess(f"The first process cannot be looked at: {problem.strerror}.") from problem
    environ = dict(line.decode(errors="replace").split("=", 1) for line in lines if b"=" in line)
    if RUNS not in environ:
        raise UnknownProcess("The first process is none of the product's programs.")
    return environ


def is_alive(environ: Mapping[str, str], *, pid: int = 1) -> bool:
    """Return whether the program with this environment and process id is alive."""
    process = PROCESSES[environ[RUNS]]
    if process.probe:
        path, status = process.probe
        return answers(environ.get("LMS_LISTEN") or LISTEN, path, status, environ.get("LMS_SITE_HOST", ""))
    if process.holds:
        variable, default_port = process.holds
        return is_connected(pid, urlsplit(secret_files.look_up(environ, variable)).port or default_port)
    return True


def answers(listen: str, path: str, status: int, host: str) -> bool:
    """Return whether ``GET path`` on ``listen`` (host:port) is answered with this status."""
    name, _, port = listen.rpartition(":")
    # Who listens on every address is asked on this machine's own.
    own = "127.0.0.1" if name in ("", "0.0.0.0") else name  # noqa: S104
    connection = http.client.HTTPConnection(own, int(port), timeout=SECONDS)
    try:
        connection.request("GET", path, headers={"Host": host or own})
        return connection.getresponse().status == status
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def is_connected(pid: int, port: int) -> bool:
    """Return whether this process holds a connection to this port, here or elsewhere (Linux)."""
    held = sockets("01", "remote", port)
    try:
        return bool(held) and any(str(link.readlink()) in held for link in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return False


def sockets(state: str, end: Literal["local", "remote"], port: int) -> set[str]:
    """Return names, as under /proc/<pid>/fd, of sockets in this state (0A: listens, 01: connected) with this port."""
    column = 1 if end == "local" else 2
    names = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            columns = line.split()
            if columns[3] == state and int(columns[column].rsplit(":", 1)[1], 16) == port:
                names.add(f"socket:[{columns[9]}]")
    return names
