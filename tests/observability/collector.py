"""A collector of traces on loopback: OTLP over HTTP as the standard has it, decoded, and nothing thrown away."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

SERVER, CLIENT, CONSUMER = 2, 3, 5  # opentelemetry.proto.trace.v1.Span.SpanKind


@dataclass(frozen=True)
class Seen:
    """One span as it came over the wire."""

    service: str
    trace: str
    id: str
    parent: str
    name: str
    kind: int
    values: dict[str, Any]
    is_error: bool


class Collector:
    """What has come so far. ``address`` is for ``LMS_OTLP_ENDPOINT``."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.raw = b""
        self._spans: list[Seen] = []
        self._lock = threading.Lock()

    def take(self, body: bytes) -> None:
        """Decode one export."""
        request = ExportTraceServiceRequest()
        request.ParseFromString(body)
        found = []
        for resource in request.resource_spans:
            service = _values(resource.resource.attributes).get("service.name", "")
            for scope in resource.scope_spans:
                found += [
                    Seen(
                        service=service,
                        trace=span.trace_id.hex(),
                        id=span.span_id.hex(),
                        parent=span.parent_span_id.hex(),
                        name=span.name,
                        kind=span.kind,
                        values=_values(span.attributes),
                        is_error=span.status.code == 2,
                    )
                    for span in scope.spans
                ]
        with self._lock:
            self.raw += body
            self._spans += found

    @property
    def spans(self) -> list[Seen]:
        """Every span so far."""
        with self._lock:
            return list(self._spans)

    def traces(self) -> dict[str, list[Seen]]:
        """The spans by their trace."""
        found: dict[str, list[Seen]] = {}
        for span in self.spans:
            found.setdefault(span.trace, []).append(span)
        return found


def _values(attributes: Any) -> dict[str, Any]:
    return {item.key: getattr(item.value, item.value.WhichOneof("value") or "string_value") for item in attributes}


@contextmanager
def collecting() -> Iterator[Collector]:
    """Collect until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    collector = _Handler.collectors[server.server_address[1]] = Collector(server.server_address[1])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    collectors: dict[int, Collector] = {}

    def do_POST(self) -> None:
        assert self.path == "/v1/traces", self.path
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.collectors[self.server.server_address[1]].take(body)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""
