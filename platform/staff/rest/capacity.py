"""What the fleet takes of the machine, and organizations that nobody uses."""

from __future__ import annotations

from django.db import transaction
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from core.clock import now
from core.http.pagination import cursor_page
from core.http.request import Request
from staff import audit, policies
from staff.console import capacity, directory
from staff.console.capacity import Idle
from staff.rest.downloads import csv_download
from staff.rest.serializers.capacity import CapacityOut, IdlePage, IdleQuery, capacity_out
from staff.rest.views import StaffAPIView


def _asked(request: Request) -> Idle:
    query = IdleQuery(data={key: request.query_params[key] for key in request.query_params})
    query.is_valid(raise_exception=True)
    given = query.validated_data
    asked = Idle(days=given["days"], states=(given["state"],) if given["state"] else (), order=given["order"])
    capacity.order_of(asked)
    return asked


class FleetCapacity(StaffAPIView):
    """Warm schemas, connections, the size of all schemas, and the settings that bound them."""

    permissions = {"GET": policies.VIEW}

    @extend_schema(operation_id="fleet_capacity_get", responses=CapacityOut)
    def get(self, request: Request) -> Response:
        """Return them as they are now."""
        return Response(capacity_out(capacity.capacity()))


class IdleOrganizations(StaffAPIView):
    """Organizations that take place and that nobody uses."""

    permissions = {"GET": policies.VIEW}

    @extend_schema(
        operation_id="idle_organizations_list",
        parameters=[IdleQuery, OpenApiParameter("cursor", str), OpenApiParameter("limit", int)],
        responses=IdlePage,
    )
    def get(self, request: Request) -> Response:
        """Return a page of them, the longest idle first by default."""
        asked, today = _asked(request), now().date()
        directory.fresh()
        response = cursor_page(
            request,
            capacity.idle(asked),
            order=capacity.order_of(asked),
            serialize=lambda rows: [capacity.line(row, today) for row in rows],
        )
        response.data |= capacity.totals(asked)
        return response


class IdleOrganizationsCsv(StaffAPIView):
    """All of them as a file."""

    permissions = {"GET": policies.VIEW}

    @extend_schema(
        operation_id="idle_organizations_csv", parameters=[IdleQuery], responses={(200, "text/csv"): OpenApiTypes.STR}
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """Stream every organization that was found. The download is recorded."""
        asked = _asked(request)
        directory.fresh()
        with transaction.atomic():
            audit.record(
                "organizations.exported", changes={"query": [None, request.META.get("QUERY_STRING", "")[:500]]}
            )
        return csv_download(capacity.csv_lines(asked), f"idle-organizations-{now().date().isoformat()}.csv")
