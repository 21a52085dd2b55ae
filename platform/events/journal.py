"""What the dispatcher writes down of itself: that it lives, and how each duty's last run went.

Kept in memory and written every few seconds in two statements, whatever ran meanwhile.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from datetime import datetime, timedelta

from core.clock import now
from core.telemetry import tracebacks
from events.models import DutyRun, Heartbeat

BEAT_SECONDS = 5.0
# A dispatcher that has said nothing for so long is taken for dead.
SILENT_AFTER = timedelta(seconds=20)
_COLUMNS = ("started_at", "ended_at", "duration_ms", "failed_at", "last_error")


class Journal:
    """The journal of one dispatcher. Any thread may note; the one that leads writes."""

    def __init__(self) -> None:
        self._since = now()
        self._runs: dict[str, DutyRun] = {}
        self._changed: set[str] = set()
        self._lock = threading.Lock()
        self._written = -BEAT_SECONDS

    def open(self) -> dict[str, datetime]:
        """Begin as the dispatcher that leads; return when each duty was last begun, by anybody. Platform only."""
        self._since, self._written = now(), -BEAT_SECONDS
        with self._lock:
            self._runs = {run.name: run for run in DutyRun.objects.all()}
            self._changed.clear()
            return {name: run.started_at for name, run in self._runs.items()}

    def begun(self, name: str) -> None:
        """Note that a duty begins."""
        with self._lock:
            self._runs.setdefault(name, DutyRun(name=name)).started_at = now()
            self._changed.add(name)

    def ended(self, name: str, error: BaseException | None = None) -> None:
        """Note that it ended, and the error that ended it. A later success keeps when it last failed, and why."""
        with self._lock:
            run = self._runs[name]
            run.ended_at = now()
            run.duration_ms = round((run.ended_at - run.started_at).total_seconds() * 1000)
            if error is not None:
                run.failed_at = run.ended_at
                run.last_error = tracebacks.text_of(error)[-8000:]
            self._changed.add(name)

    def write(self) -> None:
        """Write what was noted, if it is time. Platform only, outside transactions."""
        if time.monotonic() - self._written < BEAT_SECONDS:
            return
        self._written = time.monotonic()
        with self._lock:
            changed = [DutyRun(**_values(self._runs[name])) for name in sorted(self._changed)]
            self._changed.clear()
        Heartbeat.objects.bulk_create(
            [Heartbeat(host=socket.gethostname(), pid=os.getpid(), since=self._since, beat_at=now())],
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=["host", "pid", "since", "beat_at"],
        )
        if changed:
            DutyRun.objects.bulk_create(
                changed, update_conflicts=True, unique_fields=["name"], update_fields=list(_COLUMNS)
            )


def _values(run: DutyRun) -> dict[str, object]:
    return {column: getattr(run, column) for column in ("name", *_COLUMNS)}
