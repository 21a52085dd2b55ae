"""Health: alive means the process answers, ready means it can serve."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, JsonResponse

from tenants import api as tenants


def live(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> JsonResponse:
    """The database answers, and every organization's schema is of a release that this code can serve.

    Redis and the object store are left out on purpose: their outage must not empty the fleet.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    why_not = tenants.why_not_served()
    body = {"status": "refused" if why_not else "ok", "schema_release": tenants.current_release()}
    return JsonResponse({**body, "reason": why_not} if why_not else body, status=503 if why_not else 200)
