"""Health: alive means the process answers, ready means it can serve, and the deep look says what of it is well.

Probes come from load balancers, which ask an address and no host: they are answered before anybody asks whose host
it is.
"""

from __future__ import annotations

import math
import secrets
import threading
import time
from collections.abc import Callable

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse

import tenancy
from config.accesses import PROBES
from config.deep_health import look
from tenants import api as tenants

Handler = Callable[[HttpRequest], HttpResponse]

DEEP = "/healthz/deep"
_KEPT_SECONDS = 1.0
_RECENT_SECONDS = 5.0
_PATIENCE_SECONDS = 2.0
_SILENT: dict[str, object] = {"status": "refused", "reason": "The database does not answer."}


class Probes:
    """Answers ``/livez``, ``/readyz`` and ``/healthz/deep`` on every host, and on none."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        view = _VIEWS.get(request.path)
        if view is None or request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        return view(request)


def live(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> HttpResponse:
    """The database answers, and every organization's schema is of a release that this code can serve.

    Redis and the object store are left out on purpose: their outage must not empty the fleet.
    """
    found = _ready.look()
    return JsonResponse(found, status=200 if found["status"] == "ok" else 503)


def _readiness() -> dict[str, object]:
    try:
        with tenancy.platform():
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            why_not = tenants.why_not_served()
            release = tenants.current_release()
    except Exception:  # noqa: BLE001 - whatever it is, this process cannot serve now, and the probe must be told so
        return _SILENT
    body: dict[str, object] = {"status": "refused" if why_not else "ok", "schema_release": release}
    if settings.RELEASE:
        body["release"] = settings.RELEASE
    return {**body, "reason": why_not} if why_not else body


def deep(request: HttpRequest) -> HttpResponse:
    """Each thing that the product stands on, and how it is: for operators, by ``LMS_HEALTH_TOKEN``.

    503 where something that everybody needs is down, 200 with ``degraded`` where only part of the product suffers.
    Without a token set, or with a wrong one, there is nothing here.
    """
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.HEALTH_TOKEN or not secrets.compare_digest(given.encode(), settings.HEALTH_TOKEN.encode()):
        return JsonResponse({"status": "not found"}, status=404)
    found = _deep.look()
    return JsonResponse(found, status=503 if found["status"] == "down" else 200)


class _Kept:
    """The last look, for a second: anybody may ask, as often as they like, and nothing is asked for it.

    One looks at a time; who comes meanwhile is told what was found before, as long as that is recent, and else waits
    for a moment and is told ``unknown``. So what hangs holds one thread for as long as it hangs, and no others.
    """

    def __init__(self, look: Callable[[], dict[str, object]], unknown: dict[str, object]) -> None:
        self._look = look
        self._unknown = unknown
        self._last: tuple[dict[str, object], float] = (unknown, -math.inf)  # what was found, and when
        self._lock = threading.Lock()

    def look(self) -> dict[str, object]:
        found, at = self._last
        age = time.monotonic() - at
        if age < _KEPT_SECONDS:
            return found
        is_recent = age < _RECENT_SECONDS
        if not self._lock.acquire(timeout=0 if is_recent else _PATIENCE_SECONDS):
            return found if is_recent else self._unknown
        try:
            found, at = self._last
            if time.monotonic() - at >= _KEPT_SECONDS:
                found = self._look()
                self._last = (found, time.monotonic())
            return found
        finally:
            self._lock.release()


_ready = _Kept(_readiness, _SILENT)
_deep = _Kept(look, {"status": "down"})
_VIEWS: dict[str, Callable[[HttpRequest], HttpResponse]] = {"/livez": live, "/readyz": ready, DEEP: deep}
assert set(PROBES) <= set(_VIEWS)
