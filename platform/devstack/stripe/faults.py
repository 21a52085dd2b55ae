"""Faults on demand, for tests of whoever calls: an error, a wait, an answer that is lost after the deed is done."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

KINDS = ("error", "unavailable", "rate_limit", "drop", "hold")


@dataclass(frozen=True)
class Fault:
    """What befalls the next ``times`` calls whose path begins so.

    ``error``: 500, the deed undone and the answer remembered under the key. ``unavailable`` and ``rate_limit``: 503 and
    429 before anything began. ``drop``: done, and the connection closed without a word. ``hold``: done, and so many
    seconds pass before it is written down.
    """

    kind: str
    path: str
    method: str = "POST"
    times: int = 1
    seconds: float = 0.0


class Faults:
    """Those that were asked for and have not happened yet."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The fault of this call, which is then one fewer."""
        with self._lock:
            for position, fault in enumerate(self._waiting):
                if fault.method == method and path.startswith(fault.path):
                    if fault.times > 1:
                        self._waiting[position] = replace(fault, times=fault.times - 1)
                    else:
                        del self._waiting[position]
                    return fault
        return None
