"""The delivery of films: distributions and their quotas, whose films are where, and moves between them."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.response import Response

from core.http.pagination import cursor_page
from core.http.request import Request
from staff.console import delivery
from staff.policies import OPERATE, VIEW
from staff.rest.serializers import delivery as shapes
from staff.rest.views import StaffAPIView


class DeliveryView(StaffAPIView):
    """The edge as a whole."""

    permissions = {"GET": VIEW}

    @extend_schema(operation_id="delivery_get", responses=shapes.DeliveryOut)
    def get(self, request: Request) -> Response:
        """Return each distribution with what of its quotas is used, as somebody saw it within ten minutes."""
        return Response(shapes.delivery_out(delivery.overview()))


class DeliveryOrganizations(StaffAPIView):
    """Whose films are where."""

    permissions = {"GET": VIEW}

    @extend_schema(
        operation_id="delivery_organizations_list",
        parameters=[shapes.StandingQuery, OpenApiParameter("cursor", str), OpenApiParameter("limit", int)],
        responses=shapes.StandingPage,
    )
    def get(self, request: Request) -> Response:
        """Return a page of organizations with their strategy, their distribution and how they stand there."""
        query = shapes.StandingQuery(data={key: request.query_params[key] for key in request.query_params})
        query.is_valid(raise_exception=True)
        given = query.validated_data
        return cursor_page(
            request,
            delivery.organizations(pool=given["pool"], only=given["only"]),
            order=("organization_id",),
            serialize=lambda rows: [shapes.standing_out(*one) for one in delivery.named(rows)],
        )


class OrganizationDelivery(StaffAPIView):
    """How one organization's films are delivered."""

    permissions = {"GET": VIEW, "POST": OPERATE}
    recent_proof = frozenset({"POST"})

    @extend_schema(operation_id="organization_delivery_get", responses=shapes.StandingOut)
    def get(self, request: Request, organization_id: UUID) -> Response:
        """Return by which strategy and where, and how far a move is."""
        return Response(shapes.standing_out(*delivery.standing(organization_id)))

    @extend_schema(
        operation_id="organization_delivery_move", request=shapes.DeliveryMoveIn, responses={202: shapes.StandingOut}
    )
    def post(self, request: Request, organization_id: UUID) -> Response:
        """Begin a move, or call one off by the strategy that it has. Nobody who watches is cut off; it takes hours."""
        body = shapes.DeliveryMoveIn(data=request.data)
        body.is_valid(raise_exception=True)
        moved = delivery.move(organization_id, **body.validated_data)
        return Response(shapes.standing_out(*moved), status=status.HTTP_202_ACCEPTED)
