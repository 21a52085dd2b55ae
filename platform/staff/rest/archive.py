"""Exports, restores and the end of organizations, in the console. Downloading an archive stays its owners' alone."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

from core.http.request import Request
from staff.policies import OPERATE, VIEW
from staff.rest.serializers import archive as shapes
from staff.rest.views import StaffAPIView
from tenants.api import archives


class OrganizationExports(StaffAPIView):
    """An organization's archives."""

    permissions = {"GET": VIEW, "POST": OPERATE}

    @extend_schema(operation_id="staff_exports_list", responses=shapes.StaffExportListOut)
    def get(self, request: Request, organization_id: UUID) -> Response:
        """Return exports under way, ready and past."""
        return Response({"items": archives.exports(organization_id), "next": None})

    @extend_schema(operation_id="staff_exports_start", request=shapes.ReasonIn, responses={202: shapes.StaffExportOut})
    def post(self, request: Request, organization_id: UUID) -> Response:
        """Have an archive made; its owners see in their audit that staff did."""
        made = archives.ask_export(organization_id, reason=_reason(request))
        return Response(made, status=status.HTTP_202_ACCEPTED)


class OrganizationRestores(StaffAPIView):
    """An organization's restores."""

    permissions = {"GET": VIEW, "POST": OPERATE}
    recent_proof = frozenset({"POST"})

    @extend_schema(operation_id="staff_restores_list", responses=shapes.RestoreListOut)
    def get(self, request: Request, organization_id: UUID) -> Response:
        """Return restores, newest first."""
        return Response({"items": archives.restores(organization_id), "next": None})

    @extend_schema(operation_id="staff_restores_start", request=shapes.RestoreIn, responses={202: shapes.RestoreOut})
    def post(self, request: Request, organization_id: UUID) -> Response:
        """Build an archive up beside the organization and compare the two. Nothing living is touched."""
        body = shapes.RestoreIn(data=request.data)
        body.is_valid(raise_exception=True)
        asked = body.validated_data
        made = archives.ask_restore(organization_id, asked["archive_id"], reason=asked["reason"])
        return Response(made, status=status.HTTP_202_ACCEPTED)


class RestoreDetail(StaffAPIView):
    """One restore."""

    permissions = {"GET": VIEW}

    @extend_schema(operation_id="staff_restores_read", responses=shapes.RestoreOut)
    def get(self, request: Request, restore_id: UUID) -> Response:
        """Return how far it is, and the comparison once there is one."""
        return Response(archives.restore(restore_id))


class RestoreSwap(StaffAPIView):
    """The decision for a restore."""

    permissions = {"POST": OPERATE}
    recent_proof = frozenset({"POST"})

    @extend_schema(operation_id="staff_restores_swap", request=shapes.ReasonIn, responses={202: shapes.RestoreOut})
    def post(self, request: Request, restore_id: UUID) -> Response:
        """Put the archive's state in the organization's place. What it replaces is kept for a week."""
        made = archives.ask_swap(restore_id, reason=_reason(request))
        return Response(made, status=status.HTTP_202_ACCEPTED)


class RestoreDiscard(StaffAPIView):
    """The decision against a restore."""

    permissions = {"POST": OPERATE}

    @extend_schema(operation_id="staff_restores_discard", request=shapes.DiscardIn, responses={202: shapes.RestoreOut})
    def post(self, request: Request, restore_id: UUID) -> Response:
        """Throw the shadow away."""
        body = shapes.DiscardIn(data=request.data)
        body.is_valid(raise_exception=True)
        made = archives.ask_discard(restore_id, reason=body.validated_data["reason"])
        return Response(made, status=status.HTTP_202_ACCEPTED)


class OrganizationDeletionReport(StaffAPIView):
    """The end of an organization, and the proof of it."""

    permissions = {"GET": VIEW, "POST": OPERATE}

    @extend_schema(operation_id="staff_deletion_report", responses=shapes.DeletionReportOut)
    def get(self, request: Request, organization_id: UUID) -> Response:
        """Return how far the deletion is, or its report: counts a store, and what a search still found."""
        return Response(archives.deletion_report(organization_id))

    @extend_schema(
        operation_id="staff_deletion_final_export", request=shapes.ReasonIn, responses={202: shapes.DeletionReportOut}
    )
    def post(self, request: Request, organization_id: UUID) -> Response:
        """Have a last archive made before the organization that waits for its deletion is deleted."""
        _reason(request)
        return Response(archives.want_final_export(organization_id), status=status.HTTP_202_ACCEPTED)


def _reason(request: Request) -> str:
    body = shapes.ReasonIn(data=request.data)
    body.is_valid(raise_exception=True)
    return str(body.validated_data["reason"])
