"""How each request went: one line in the log, its figures, and its span."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.http import HttpRequest, HttpResponse
from opentelemetry.trace import SpanKind, Status, StatusCode

from config.top_organizations import TALLY, is_counted
from core import acting
from core.http.marks import DATABASE, WAITED
from core.telemetry import metrics, spans
from core.telemetry.effort import Effort, measured

_log = logging.getLogger("access")

PROBES = ("/livez", "/readyz")  # asked every few seconds by machines: answered, and not written down
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
NO_ROUTE = "(none)"


class Access:
    """One request on its way. :meth:`answered` says with what it ended."""

    def __init__(self, request: HttpRequest, effort: Effort) -> None:
        self._request = request
        self._effort = effort
        self._began = time.perf_counter()
        self._cpu = time.thread_time()
        self._status = 0

    def answered(self, response: HttpResponse) -> None:
        """Note the answer. Without one the request ended in an error that nothing handled."""
        self._status = response.status_code

    def write(self) -> None:
        """Write the line and the figures, with a route in place of the path: paths hold tokens and names."""
        seconds, cpu = time.perf_counter() - self._began, time.thread_time() - self._cpu
        request, status = self._request, self._status or 500
        request.META[DATABASE] = self._effort.seconds
        waited = float(request.META.get(WAITED, 0.0))
        if request.path in PROBES:
            return
        tenant = getattr(request, "tenant", None)
        surface, route, method = surface_of(request), route_of(request), method_of(request)
        _count(surface, route, method, status, seconds, cpu, self._effort)
        if waited:
            metrics.REQUEST_ASIDE_SECONDS.observe(waited)
        if tenant is not None and is_counted():
            TALLY.add(tenant.id, is_error=status >= 500, cpu_seconds=cpu, db_seconds=self._effort.seconds)
        who = acting.current()
        line: dict[str, object] = {
            "surface": surface,
            "route": route,
            "method": method,
            "status": status,
            "dur_ms": round(seconds * 1000, 1),
            "cpu_ms": round(cpu * 1000, 1),
            "db_ms": self._effort.milliseconds,
            "db_queries": self._effort.statements,
            "actor": who.kind,
        }
        if waited:
            line["waited_ms"] = round(waited * 1000, 1)
        if tenant is not None:
            line["organization"] = str(tenant.id)
        if who.id is not None:
            line["actor_id"] = str(who.id)
        _log.info("http.request", extra=line)


@contextmanager
def noted(request: HttpRequest) -> Iterator[Access]:
    """Note one request: what it cost, how it ended, in which trace.

    Traces begin here: one that a client names is not gone on with.
    """
    with (
        spans.beginning("request", came_from="", kind=SpanKind.SERVER) as span,
        measured() as effort,
    ):
        access = Access(request, effort)
        try:
            yield access
        finally:
            if span.is_recording():
                route, method, status = route_of(request), method_of(request), access._status or 500
                span.update_name(f"{method} {route}")
                span.set_attributes(
                    {"http.request.method": method, "http.route": route, "http.response.status_code": status}
                )
                tenant = getattr(request, "tenant", None)
                if tenant is not None:
                    span.set_attribute("lms.organization", str(tenant.id))
                if status >= 500:
                    span.set_status(Status(StatusCode.ERROR))
            access.write()


def _count(surface: str, route: str, method: str, status: int, seconds: float, cpu: float, effort: Effort) -> None:
    metrics.REQUESTS.labels(surface, route, method, str(status)).inc()
    metrics.REQUEST_SECONDS.labels(surface, route, method).observe(seconds)
    metrics.REQUEST_CPU_SECONDS.labels(surface, route, method).inc(cpu)
    metrics.REQUEST_DB_SECONDS.labels(surface, route, method).inc(effort.seconds)
    metrics.REQUEST_STATEMENTS.labels(surface, route, method).inc(effort.statements)
    if status == 403:
        metrics.DENIALS.labels(surface).inc()


def surface_of(request: HttpRequest) -> str:
    """Return ``site``, ``staff`` or ``tenant``; ``none`` where the request did not get as far as that."""
    return str(getattr(request, "surface", "none"))


def route_of(request: HttpRequest) -> str:
    """Return the route's template, never the path. Pages are called by what shows them."""
    match = request.resolver_match
    if match is None:
        return NO_ROUTE
    template = str(match.route or "")
    if not template or "^" in template or "(?" in template:
        return f"({getattr(match.func, '__name__', 'page')})"
    return f"/{template}"


def method_of(request: HttpRequest) -> str:
    """Return the method, if it is one: anybody may write anything there."""
    return request.method if request.method in _METHODS else "other"
