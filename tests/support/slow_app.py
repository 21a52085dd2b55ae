"""For gunicorn: an application whose slow requests end when a file appears, and a worker that waits less patiently."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from config.fair_worker import FairWorker
from core.http.marks import BUSY

LONGEST_SECONDS = 60.0

_running: Counter[str] = Counter()
_lock = threading.Lock()


class ImpatientWorker(FairWorker):
    """The product's worker with a short line that moves soon."""

    wait_seconds = 1.0
    most_waiting = 3


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """``/slow`` holds its thread until the file named in the query is there; ``/running`` says how many do."""
    host, path = environ["HTTP_HOST"], environ["PATH_INFO"]
    if environ.get(BUSY):
        start_response("503 Service Unavailable", [("Content-Length", "4")])
        return [b"busy"]
    body = environ["wsgi.input"].read()
    if path == "/slow":
        with _lock:
            _running[host] += 1
        deadline = time.monotonic() + LONGEST_SECONDS
        while not Path(environ["QUERY_STRING"]).exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        with _lock:
            _running[host] -= 1
    answer = str(_running[environ["QUERY_STRING"]]).encode() if path == "/running" else b"done " + body
    start_response("200 OK", [("Content-Length", str(len(answer)))])
    return [answer]
