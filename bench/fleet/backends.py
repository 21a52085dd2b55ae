"""The PostgreSQL backends behind this process's connection: their CPU, those that were recycled meanwhile included."""

from __future__ import annotations

from typing import Any

from bench import cpu


class Backends:
    """Follows this thread's database connection over its recyclings: a backend's CPU has to be read before it ends.

    Make one in a process, before its first request; it begins with a new connection.
    """

    def __init__(self) -> None:
        from django.db import connections

        self.opened = 0
        self._current: int | None = None
        self._ended = 0.0
        wrapper: Any = connections["default"]
        wrapper.close()
        connect, close = wrapper.get_new_connection, wrapper._close

        def connecting(params: Any) -> Any:
            made = connect(params)
            self._current = made.get_backend_pid()
            self.opened += 1
            return made

        def closing() -> Any:
            self._end()
            return close()

        wrapper.get_new_connection, wrapper._close = connecting, closing

    def _end(self) -> None:
        if self._current is not None:
            self._ended += _cpu_seconds(self._current)
            self._current = None

    def cpu_seconds(self) -> float:
        """Return what all backends so far have used."""
        return self._ended + (_cpu_seconds(self._current) if self._current is not None else 0.0)

    def private_mb(self) -> float:
        """Return the memory that only the present backend has."""
        return private_mb(self._current) if self._current is not None else 0.0


def _cpu_seconds(pid: int) -> float:
    try:
        return cpu.of_process(pid)
    except FileNotFoundError:  # it has ended by itself: what it used is lost, and was little
        return 0.0


def private_mb(pid: int) -> float:
    """Return a process's own memory in MB (``/proc/<pid>/smaps_rollup``).

    Its anonymous pages: a page of the shared buffers that only one backend has looked at counts as private there.
    """
    with open(f"/proc/{pid}/smaps_rollup") as handle:
        fields = dict(line.split(":", 1) for line in handle if line.startswith("Anonymous:"))
    return int(fields["Anonymous"].split()[0]) / 1024
