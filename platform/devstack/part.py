"""A part: one program the supervisor runs, described as data."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


class PartFailed(Exception):
    """A part cannot be started. The text is for the person at the terminal."""


@dataclass(frozen=True)
class Part:
    """One program: how it is started, when it is ready, what has to be there before it, and how it is stopped."""

    name: str
    """Its key in the logs, in the status and in ``--parts``."""
    title: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    """Parts that have to be ready first. They are also stopped later than this one."""
    port: int | None = None
    port_setting: str = ""
    more_ports: Mapping[str, int] = field(default_factory=dict)
    """Further ports it takes, by the variable that sets them."""
    skip: Callable[[], bool] | None = None
    """Asked before a step runs: True when it has nothing to do."""
    prepare: Callable[[], None] | None = None
    """Runs before each start, in the supervisor: files, first-time set-up. Raises PartFailed."""
    probe: Callable[[int], bool] | None = None
    """Gets its process id; True once it serves. Without one, an open port means ready; without a port, being alive."""
    settle: Callable[[], None] | None = None
    """Runs once when it is ready, before the parts that wait for it. Raises PartFailed."""
    one_shot: bool = False
    """A step, not a server: ready when it has ended with status 0."""
    says: bool = False
    """The last line it writes is for the person at the terminal."""
    stop_signals: tuple[signal.Signals, ...] = (signal.SIGTERM,)
    """Sent one after the other, 4 s apart, until it has gone; its whole group is killed after 8 s."""
    user: tuple[int, int] | None = None
    """(uid, gid) to run as, where the supervisor is root and the program refuses to be."""
    ready_within_seconds: float = 180.0

    def taken_ports(self) -> dict[str, int]:
        """Every port this part listens on, by the variable that sets it."""
        own = {self.port_setting: self.port} if self.port is not None else {}
        return {**own, **self.more_ports}
