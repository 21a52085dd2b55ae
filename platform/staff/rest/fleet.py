"""The fleet at a glance, and the record of what staff did."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from core.clock import iso, now
from core.http.pagination import cursor_page
from core.http.request import Request
from staff import audit, policies
from staff.console.directory import Lines, plain
from staff.console.fleet import fleet
from staff.models import PlatformAuditEntry
from staff.rest.downloads import csv_download
from staff.rest.serializers.operations import AuditPage, AuditQuery, FleetOut, entry_out, fleet_out
from staff.rest.views import StaffAPIView
from tenants import api as tenants

_CHUNK = 500
_COLUMNS = (
    "at", "actor_kind", "actor_id", "actor_name", "action", "organization_id", "object_type", "object_id", "changes",
    "reason", "ticket", "request_id", "ip",
)  # fmt: skip


class FleetView(StaffAPIView):
    """The fleet."""

    permissions = {"GET": policies.VIEW}

    @extend_schema(operation_id="fleet_get", responses=FleetOut)
    def get(self, request: Request) -> Response:
        """Return how many organizations there are and how they do."""
        return Response(fleet_out(fleet()))


def _asked(request: Request) -> QuerySet[PlatformAuditEntry]:
    query = AuditQuery(data={key: request.query_params[key] for key in request.query_params})
    query.is_valid(raise_exception=True)
    given, rows = query.validated_data, PlatformAuditEntry.objects.all()
    if given["organization"]:
        rows = rows.filter(organization_id=given["organization"])
    if given["actor"]:
        rows = rows.filter(_actor(given["actor"]))
    if given["action"]:
        rows = rows.filter(action__startswith=given["action"])
    if given["since"]:
        rows = rows.filter(at__date__gte=given["since"])
    if given["until"]:
        rows = rows.filter(at__date__lt=given["until"] + timedelta(days=1))
    return rows


def _actor(words: str) -> Q:
    try:
        return Q(actor_id=UUID(words))
    except ValueError:
        return Q(actor_name__icontains=words)


class AuditEntryList(StaffAPIView):
    """What staff did."""

    permissions = {"GET": policies.AUDIT}

    @extend_schema(
        operation_id="audit_entries_list",
        parameters=[AuditQuery, OpenApiParameter("cursor", str), OpenApiParameter("limit", int)],
        responses=AuditPage,
    )
    def get(self, request: Request) -> Response:
        """Return a page of acts, the newest first."""

        def shown(rows: list[PlatformAuditEntry]) -> list[dict[str, Any]]:
            names = tenants.organization_names(row.organization_id for row in rows)
            return [entry_out(row, names) for row in rows]

        return cursor_page(request, _asked(request), order=("-at", "-id"), serialize=shown)


class AuditEntryCsv(StaffAPIView):
    """All of it as a file."""

    permissions = {"GET": policies.AUDIT}

    @extend_schema(
        operation_id="audit_entries_csv", parameters=[AuditQuery], responses={(200, "text/csv"): OpenApiTypes.STR}
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """Stream every act that the filters find, the oldest first. The download is itself an act."""
        rows = _asked(request)
        with transaction.atomic():
            audit.record("audit.exported", changes={"query": [None, request.META.get("QUERY_STRING", "")[:500]]})
        return csv_download(_lines(rows), f"platform-audit-{now().date().isoformat()}.csv")


def _lines(rows: QuerySet[PlatformAuditEntry]) -> Iterator[str]:
    out = Lines()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    yield out.taken()
    last: UUID | None = None
    while True:
        # Ids are UUIDv7: their order is the order of time.
        chunk = list((rows if last is None else rows.filter(id__gt=last)).order_by("id")[:_CHUNK])
        for row in chunk:
            writer.writerow(
                [
                    iso(row.at)
                    if name == "at"
                    else json.dumps(row.changes)
                    if name == "changes"
                    else plain(getattr(row, name))
                    for name in _COLUMNS
                ]
            )
        if chunk:
            yield out.taken()
        if len(chunk) < _CHUNK:
            return
        last = chunk[-1].id
