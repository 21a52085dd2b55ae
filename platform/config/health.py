"""Health: alive means the process answers, ready means it can serve."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, JsonResponse

from tenants import api as tenants


def live(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> JsonResponse:
    """The database answers and holds a schema release that this code can serve.

    Redis and the object store are left out on purpose: their outage must not empty the fleet.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    release = tenants.current_release()
    return JsonResponse({"status": "ok", "schema_release": release})
