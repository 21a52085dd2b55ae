"""What staff tell on the public status page."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

from core.http.pagination import cursor_page
from core.http.request import Request
from staff import policies
from staff.rest.serializers.status import (
    IncidentChange,
    IncidentIn,
    IncidentList,
    IncidentOut,
    IncidentUpdateIn,
    StatusOut,
    incident_out,
    status_out,
)
from staff.rest.views import StaffAPIView, actor_of
from staff.status import services


class StatusView(StaffAPIView):
    """The status page as data."""

    permissions = {"GET": policies.VIEW}

    @extend_schema(operation_id="status_get", responses=StatusOut)
    def get(self, request: Request) -> Response:
        """Return how each part does, by the checks and by what was told."""
        return Response(status_out(services.page()))


class IncidentListView(StaffAPIView):
    """Every incident."""

    permissions = {"GET": policies.VIEW, "POST": policies.OPERATE}

    @extend_schema(operation_id="incidents_list", responses=IncidentList)
    def get(self, request: Request) -> Response:
        """Return a page of them, the newest first."""
        return cursor_page(
            request,
            services.incidents(),
            order=("-started_at", "-id"),
            serialize=lambda rows: [incident_out(row) for row in rows],
        )

    @extend_schema(operation_id="incidents_begin", request=IncidentIn, responses={201: IncidentOut})
    def post(self, request: Request) -> Response:
        """Tell everybody of one. It is public at once."""
        body = IncidentIn(data=request.data)
        body.is_valid(raise_exception=True)
        made = services.begin(created_by=actor_of(request).staff_id, **body.validated_data)
        return Response(incident_out(made), status=status.HTTP_201_CREATED)


class IncidentDetail(StaffAPIView):
    """One incident."""

    permissions = {"PATCH": policies.OPERATE}

    @extend_schema(operation_id="incidents_change", request=IncidentChange, responses=IncidentOut)
    def patch(self, request: Request, incident_id: UUID) -> Response:
        """Correct it. What was said of it stays."""
        body = IncidentChange(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(incident_out(services.change(incident_id, **body.validated_data)))


class IncidentUpdates(StaffAPIView):
    """What is known of an incident, moment by moment."""

    permissions = {"POST": policies.OPERATE}

    @extend_schema(operation_id="incidents_say", request=IncidentUpdateIn, responses={201: IncidentOut})
    def post(self, request: Request, incident_id: UUID) -> Response:
        """Say more. ``resolved`` ends the incident."""
        body = IncidentUpdateIn(data=request.data)
        body.is_valid(raise_exception=True)
        told = services.say(incident_id, created_by=actor_of(request).staff_id, **body.validated_data)
        return Response(incident_out(told), status=status.HTTP_201_CREATED)
