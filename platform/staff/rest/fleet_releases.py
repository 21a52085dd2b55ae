"""Releases of the organization schema on their way through the fleet, and schemas that are not as they should be."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from core.http.pagination import cursor_page
from core.http.request import Request
from staff import policies
from staff.console import releases
from staff.rest.serializers import releases as shapes
from staff.rest.serializers.operations import ActIn
from staff.rest.views import StaffAPIView
from tenants.api import fleet


def _shown(line: fleet.ReleaseLine) -> dict[str, Any]:
    return {
        **asdict(line),
        "failed": line.total("failed"),
        "counts": [{"ring": ring, "state": state, "organizations": n} for ring, state, n in line.counts],
        "data_steps": [{"name": name, "state": state, "organizations": n} for name, state, n in line.data_steps],
    }


def _act(request: Request, shape: type[ActIn] = ActIn) -> dict[str, Any]:
    body = shape(data=request.data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


class ReleaseList(StaffAPIView):
    """Every release."""

    permissions = {"GET": policies.VIEW}

    @extend_schema(operation_id="fleet_releases_list", responses=shapes.ReleaseListOut)
    def get(self, request: Request) -> Response:
        """Return every release with how many organizations each ring has in each state."""
        return Response({"items": [_shown(line) for line in fleet.release_lines()]})


class ReleaseOrganizations(StaffAPIView):
    """Organizations on their way to a release."""

    permissions = {"GET": policies.VIEW}

    @extend_schema(
        operation_id="fleet_release_organizations_list",
        parameters=[shapes.ReleaseOrganizationsQuery, OpenApiParameter("cursor", str), OpenApiParameter("limit", int)],
        responses=shapes.ReleaseOrganizationsOut,
    )
    def get(self, request: Request, number: int) -> Response:
        """Return a page of them with state, attempt and the reason of a failure."""
        query = shapes.ReleaseOrganizationsQuery(data={key: request.query_params[key] for key in request.query_params})
        query.is_valid(raise_exception=True)
        given = query.validated_data
        rows = fleet.organization_rows(number, state=given["state"], organization_id=given["organization"])
        return cursor_page(
            request,
            rows,
            order=("id",),
            serialize=lambda page: [asdict(fleet.organization_line(row)) for row in page],
        )


class ReleaseRetry(StaffAPIView):
    """Another try."""

    permissions = {"POST": policies.OPERATE}

    @extend_schema(
        operation_id="fleet_releases_retry", request=shapes.ReleaseRetryIn, responses={202: shapes.ReleaseRetryOut}
    )
    def post(self, request: Request, number: int) -> Response:
        """Try those that failed again, or one of them. The provisioner does it at once, even where the rest is held."""
        given = _act(request, shapes.ReleaseRetryIn)
        return Response({"retried": releases.retry(number, **given)}, status=202)


class ReleasePause(StaffAPIView):
    """Holding a release."""

    permissions = {"POST": policies.OPERATE}

    @extend_schema(operation_id="fleet_releases_pause", request=ActIn, responses=shapes.ReleaseOut)
    def post(self, request: Request, number: int) -> Response:
        """Let the runner end after those that it is at. Nobody is left half-way."""
        return Response(_shown(releases.pause(number, **_act(request))))


class ReleaseResume(StaffAPIView):
    """Letting a release go on."""

    permissions = {"POST": policies.OPERATE}
    recent_proof = frozenset({"POST"})

    @extend_schema(operation_id="fleet_releases_resume", request=ActIn, responses=shapes.ReleaseOut)
    def post(self, request: Request, number: int) -> Response:
        """Go on with a release that is paused or stopped; those that failed are tried again first."""
        return Response(_shown(releases.resume(number, **_act(request))))


class Drift(StaffAPIView):
    """Schemas that are not what their template makes."""

    permissions = {"GET": policies.VIEW}

    @extend_schema(operation_id="fleet_drift_get", responses=shapes.DriftListOut)
    def get(self, request: Request) -> Response:
        """Return what the last look found."""
        found = fleet.drift()
        last = found.last
        return Response(
            {
                "checked_at": last.at if last else None,
                "checked": last.checked if last else 0,
                "unknown": last.unknown if last else 0,
                "duration_ms": last.duration_ms if last else 0,
                "items": [asdict(line) for line in found.lines],
            }
        )
