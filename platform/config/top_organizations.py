"""Which organizations ask for the most right now: figures by organization that stay few however many there are.

A figure with a label for each of ten thousand organizations would be ten thousand series an operator pays for. So each
process counts everybody for half a minute and then writes down the largest; of all processes' lists the largest
twenty are told. Who is small is nobody's question; who is large is never missed for long.
"""

from __future__ import annotations

import contextlib
import heapq
import json
import os
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from uuid import UUID

from prometheus_client.core import GaugeMetricFamily

from config.metrics_folder import VARIABLE

WINDOW_SECONDS = 30.0
TOLD = 20
_WRITTEN = 60  # of each process: who is among the largest of all is among the largest of one of them
_PREFIX = "organizations-"

MEASURES = ("requests", "errors", "cpu_seconds", "db_seconds")
_HELP = {
    "requests": "Requests a second of the organizations that ask for the most, over the last half minute.",
    "errors": "Answers of 5xx a second, by organization, the largest.",
    "cpu_seconds": "Processor seconds a second in Python, by organization, the largest.",
    "db_seconds": "Seconds a second of waiting for PostgreSQL, by organization, the largest.",
}


class Tally:
    """What this process counts in the window that runs. Its list is written when the next request after it comes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._began = time.monotonic()
        self._counts: dict[UUID, list[float]] = {}

    def add(self, organization: UUID, *, is_error: bool, cpu_seconds: float, db_seconds: float) -> None:
        """Count one request."""
        done: dict[UUID, list[float]] = {}
        seconds = 0.0
        with self._lock:
            moment = time.monotonic()
            if moment - self._began >= WINDOW_SECONDS:
                done, seconds = self._counts, moment - self._began
                self._counts, self._began = {}, moment
            row = self._counts.setdefault(organization, [0.0, 0.0, 0.0, 0.0])
            row[0] += 1
            row[1] += is_error
            row[2] += cpu_seconds
            row[3] += db_seconds
        if done:
            _write(done, seconds)


TALLY = Tally()


def is_counted() -> bool:
    """Whether anybody will read it."""
    return bool(os.environ.get(VARIABLE))


def _write(counts: dict[UUID, list[float]], seconds: float) -> None:
    folder = os.environ.get(VARIABLE)
    if not folder:
        return
    kept = {
        organization
        for at in range(len(MEASURES))
        for organization in heapq.nlargest(_WRITTEN, counts, key=lambda one: counts[one][at])
    }
    rates = {str(one): [value / seconds for value in counts[one]] for one in kept}
    path = Path(folder) / f"{_PREFIX}{os.getpid()}.json"
    with contextlib.suppress(OSError):  # a full disk costs figures, not requests
        path.with_suffix(".new").write_text(json.dumps(rates))
        path.with_suffix(".new").replace(path)


class TopOrganizations:
    """The largest of all processes of the service."""

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Return a figure for each measure, with at most ``TOLD`` organizations each."""
        totals = _totals()
        for at, measure in enumerate(MEASURES):
            family = GaugeMetricFamily(f"lms_top_{measure}_per_second", _HELP[measure], labels=("organization",))
            for organization in heapq.nlargest(TOLD, totals, key=lambda one: totals[one][at]):
                if totals[organization][at] > 0:
                    family.add_metric((organization,), totals[organization][at])
            yield family


def _totals() -> dict[str, list[float]]:
    totals: dict[str, list[float]] = {}
    for rates in _written():
        for organization, values in rates.items():
            row = totals.setdefault(organization, [0.0] * len(MEASURES))
            for at, value in enumerate(values):
                row[at] += value
    return totals


def _written() -> Iterator[dict[str, list[float]]]:
    folder = os.environ.get(VARIABLE)
    for path in Path(folder).glob(f"{_PREFIX}*.json") if folder else ():
        with contextlib.suppress(OSError, ValueError):
            # A process that had nothing to do since, or is gone, says nothing of now.
            if time.time() - path.stat().st_mtime < 2 * WINDOW_SECONDS:
                yield json.loads(path.read_text())
