"""The figures of one service on a port of its own, in Prometheus's text form.

The port is not the web server's: the front door does not lead there, whatever it is asked for. Every process of a web
service listens on it at once (SO_REUSEPORT), and whichever answers tells the figures of all.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol

from django.conf import settings
from prometheus_client import CollectorRegistry, Metric, multiprocess
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import REGISTRY

from config.metrics_folder import VARIABLE
from config.top_organizations import TopOrganizations

_log = logging.getLogger(__name__)

PATH = "/metrics"


class Collector(Protocol):
    """What tells further figures when it is asked."""

    def collect(self) -> Iterable[Metric]:
        """Return the figures of now. Must be quick: somebody waits."""


def serve(*collectors: Collector) -> ThreadingHTTPServer | None:
    """Tell this service's figures at ``LMS_METRICS_PORT`` from a thread; None where no port is set.

    A port that cannot be had is logged and costs the figures, never the service.
    """
    if not settings.METRICS_PORT:
        return None
    registry = CollectorRegistry()
    if os.environ.get(VARIABLE):
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(REGISTRY)
    for collector in (TopOrganizations(), *collectors):
        registry.register(collector)
    try:
        server = _Server((settings.METRICS_ADDRESS, settings.METRICS_PORT), _answering(registry))
    except OSError as taken:
        _log.error("metrics.port_not_had", extra={"port": settings.METRICS_PORT, "error": type(taken).__name__})
        return None
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server


class _Server(ThreadingHTTPServer):
    allow_reuse_port = True
    daemon_threads = True


def _answering(registry: CollectorRegistry) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 5  # seconds that a client may take to ask

        def do_GET(self) -> None:
            if self.path.partition("?")[0] != PATH:
                self.send_error(404)
                return
            body = generate_latest(registry)
            self.send_response(200)
            self.send_header("Content-Type", CONTENT_TYPE_LATEST)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """A scrape every few seconds is nothing to write down."""

    return Handler
