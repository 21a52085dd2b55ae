"""For gunicorn: an application whose slow requests end when a file appears, and workers with other patience.

Its workers know two organizations, of which they have served none. Every other host is a stranger's to them.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings

from config.fair_worker import FairWorker
from config.hall import Rules
from core.http.marks import BUSY

WHALE, OTHER = "whale.lms.localhost", "other.lms.localhost"
LONGEST_SECONDS = 60.0
WORK_SECONDS = 0.02

_running: Counter[str] = Counter()
_most: Counter[str] = Counter()
_lock = threading.Lock()


def parties(most: int) -> dict[str, UUID]:
    """Stand in for the database, which knows two organizations."""
    return {WHALE: uuid4(), OTHER: uuid4()}


class KnowingWorker(FairWorker):
    """The product's worker where there are two organizations."""

    def init_process(self) -> None:
        """Be told of them as the product's worker is."""
        settings.TENANT_PARTIES_LOADER = f"{__name__}.{parties.__name__}"
        super().init_process()


class ImpatientWorker(KnowingWorker):
    """The product's worker with a short line that moves soon."""

    wait_seconds = 1.0
    most_waiting = 3


class SteadyWorker(KnowingWorker):
    """The product's worker on a machine so busy that a moment's work takes seconds."""

    def rules(self) -> Rules:
        """Let work be work however long it takes."""
        return replace(super().rules(), young_seconds=(LONGEST_SECONDS, LONGEST_SECONDS), about_seconds=LONGEST_SECONDS)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """``/slow`` holds its thread until the file named in the query is there; ``/running`` says how many do.

    ``/work`` needs the processor; ``/most`` says how many of a host ever did at a time.
    """
    host, path = environ["HTTP_HOST"], environ["PATH_INFO"]
    if environ.get(BUSY):
        start_response("503 Service Unavailable", [("Content-Length", "4")])
        return [b"busy"]
    body = environ["wsgi.input"].read()
    if path in ("/slow", "/work"):
        with _lock:
            _running[host] += 1
            _most[host] = max(_most[host], _running[host])
        _wait_for(Path(environ["QUERY_STRING"])) if path == "/slow" else _work()
        with _lock:
            _running[host] -= 1
    counts = {"/running": _running, "/most": _most}.get(path)
    answer = str(counts[environ["QUERY_STRING"]]).encode() if counts is not None else b"done " + body
    start_response("200 OK", [("Content-Length", str(len(answer)))])
    return [answer]


def _wait_for(path: Path) -> None:
    deadline = time.monotonic() + LONGEST_SECONDS
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.01)


def _work() -> None:
    until = time.thread_time() + WORK_SECONDS
    while time.thread_time() < until:
        pass
