"""Ports: which are free, who holds one, and what to tell a person about it."""

from __future__ import annotations

import errno
import http.client
import random
import socket
from collections.abc import Iterable
from pathlib import Path

from core.probe import is_connected, sockets
from devstack.part import Part
from devstack.settings import PORTS, PORTS_A_STACK

HOST = "127.0.0.1"

__all__ = ["HOST", "answers", "answers_http", "complaints", "free_base", "is_connected", "is_free"]


def is_free(port: int) -> bool:
    """Could a server of ours listen on it now?"""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: connections of an earlier run that linger in TIME_WAIT are no reason to refuse.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen(1)
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True


def answers(port: int, timeout: float = 1.0) -> bool:
    """Does something accept connections on it?"""
    try:
        with socket.create_connection((HOST, port), timeout=timeout):
            return True
    except OSError:
        return False


def answers_http(port: int, path: str, host: str, timeout: float = 0.5) -> bool:
    """Does an application answer this request with 200, within ``timeout`` seconds?"""
    connection = http.client.HTTPConnection(HOST, port, timeout=timeout)
    try:
        connection.request("GET", path, headers={"Host": host})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


_given: list[socket.socket] = []


def free_base() -> int:
    """A number N such that the ports that begin there and belong to one stack are free: a stack for a test.

    It stays below 32768, where Linux begins to hand out ports for outgoing connections. As long as this process lives
    no other that asks here is given the same: the UDP port of that number, which no stack uses, says that it is taken.
    """
    choices = random.SystemRandom()
    for _ in range(200):
        base = choices.randrange(12_000, 32_000, PORTS_A_STACK)
        mark = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            mark.bind((HOST, base))
        except OSError:
            mark.close()
            continue
        if all(is_free(base + distance) for _, distance in PORTS.values()):
            _given.append(mark)
            return base
        mark.close()
    raise OSError(f"no {PORTS_A_STACK} neighbouring ports are free between 12000 and 32000")


def complaints(parts: Iterable[Part]) -> list[str]:
    """One sentence for each port that is taken: which part wants it, who has it, which variable moves it."""
    found = []
    for part in parts:
        for variable, port in part.taken_ports().items():
            if is_free(port):
                continue
            if port < 1024:
                found.append(
                    f"{part.title} may not listen on port {port} (below 1024). Set {variable} to a higher one."
                )
                continue
            others = "" if variable == "LMS_PORT" else ", or LMS_PORT to move all parts together"
            found.append(f"Port {port}, wanted by {part.title}, is taken{_holder(port)}. Set {variable}{others}.")
    return found


def _holder(port: int) -> str:
    """`` by <program> (process <id>)`` where the system tells us, else nothing."""
    held = sockets("0A", "local", port)
    if not held:
        return ""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(link.readlink()) in held for link in (process / "fd").iterdir()):
                return f" by {(process / 'comm').read_text().strip()} (process {process.name})"
        except OSError:
            continue  # ended meanwhile, or belongs to somebody else
    return ""
