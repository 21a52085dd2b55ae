"""Cells, and organizations on their way from one to another."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response

from core.http.request import Request
from staff.policies import OPERATE, VIEW
from staff.rest.serializers import cells as shapes
from staff.rest.views import StaffAPIView
from tenants.api import cells


def _read(request: Request, shape: type[serializers.Serializer]) -> dict[str, Any]:
    body = shape(data=request.data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


class CellList(StaffAPIView):
    """Every cell."""

    permissions = {"GET": VIEW}

    @extend_schema(operation_id="cells_list", responses=shapes.CellListOut)
    def get(self, request: Request) -> Response:
        """Return the cells that this one knows, with how many organizations each has."""
        return Response({"items": cells.cells()})


class CellDetail(StaffAPIView):
    """One cell."""

    permissions = {"PATCH": OPERATE}
    recent_proof = frozenset({"PATCH"})

    @extend_schema(operation_id="cells_update", request=shapes.CellIn, responses=shapes.CellOut)
    def patch(self, request: Request, name: str) -> Response:
        """Open a cell to organizations from elsewhere, or close it to them. What it has stays and is served."""
        return Response(cells.set_cell_state(name, **_read(request, shapes.CellIn)))


class OrganizationMove(StaffAPIView):
    """An organization's way to another cell."""

    permissions = {"GET": VIEW, "POST": OPERATE}
    recent_proof = frozenset({"POST"})

    @extend_schema(operation_id="organization_move_read", responses=shapes.MoveOut)
    def get(self, request: Request, organization_id: UUID) -> Response:
        """Return its last move from here: how far it is, or how it ended."""
        return Response(cells.move(organization_id))

    @extend_schema(operation_id="organization_move_start", request=shapes.MoveIn, responses={202: shapes.MoveOut})
    def post(self, request: Request, organization_id: UUID) -> Response:
        """Move it to another cell. Until it is there everything of it can be read, and nothing changed."""
        asked = _read(request, shapes.MoveIn)
        made = cells.ask_move(organization_id, asked["cell"], reason=asked["reason"])
        return Response(made, status=status.HTTP_202_ACCEPTED)


class OrganizationMoveAbort(StaffAPIView):
    """The decision against a move."""

    permissions = {"POST": OPERATE}
    recent_proof = frozenset({"POST"})

    @extend_schema(operation_id="organization_move_abort", request=shapes.MoveAbortIn, responses={202: shapes.MoveOut})
    def post(self, request: Request, organization_id: UUID) -> Response:
        """Give the move under way up: it is thawed where it was, and the copy is thrown away."""
        made = cells.abort_move(organization_id, reason=_read(request, shapes.MoveAbortIn)["reason"])
        return Response(made, status=status.HTTP_202_ACCEPTED)
