"""Health: alive means the process answers, ready means it can serve, and the deep look says what of it is well.

Probes come from load balancers, which ask an address and no host: they are answered before anybody asks whose host
it is.
"""

from __future__ import annotations

import secrets
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
    try:
        with tenancy.platform():
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            why_not = tenants.why_not_served()
            release = tenants.current_release()
    except Exception:  # noqa: BLE001 - whatever it is, this process cannot serve now, and the probe must be told so
        return JsonResponse({"status": "refused", "reason": "The database does not answer."}, status=503)
    body = {"status": "refused" if why_not else "ok", "schema_release": release}
    if settings.RELEASE:
        body["release"] = settings.RELEASE
    return JsonResponse({**body, "reason": why_not} if why_not else body, status=503 if why_not else 200)


def deep(request: HttpRequest) -> HttpResponse:
    """Each thing that the product stands on, and how it is: for operators, by ``LMS_HEALTH_TOKEN``.

    503 where something that everybody needs is down, 200 with ``degraded`` where only part of the product suffers.
    Without a token set, or with a wrong one, there is nothing here.
    """
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.HEALTH_TOKEN or not secrets.compare_digest(given.encode(), settings.HEALTH_TOKEN.encode()):
        return JsonResponse({"status": "not found"}, status=404)
    found = _Kept.look()
    return JsonResponse(found, status=503 if found["status"] == "down" else 200)


class _Kept:
    """The last look: whoever asks in a loop is told the same, and nothing is asked for it."""

    at = -_KEPT_SECONDS
    found: dict[str, object] = {}

    @classmethod
    def look(cls) -> dict[str, object]:
        if time.monotonic() - cls.at >= _KEPT_SECONDS:
            cls.found, cls.at = look(), time.monotonic()
        return cls.found


_VIEWS: dict[str, Callable[[HttpRequest], HttpResponse]] = {"/livez": live, "/readyz": ready, DEEP: deep}
assert set(PROBES) <= set(_VIEWS)
