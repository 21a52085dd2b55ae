"""What Stripe told us: when it came, what became of it, and another look."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from billing.api import finance
from core.http.pagination import cursor_page
from core.http.request import Request
from staff import policies
from staff.finance import acts
from staff.finance.books import names_of
from staff.rest.serializers import stripe_events as shapes
from staff.rest.serializers.operations import ActIn
from staff.rest.views import StaffAPIView


class StripeEventList(StaffAPIView):
    """Events as they came."""

    permissions = {"GET": policies.VIEW}

    @extend_schema(
        operation_id="stripe_events_list",
        parameters=[shapes.EventQuery, OpenApiParameter("cursor", str), OpenApiParameter("limit", int)],
        responses=shapes.EventPage,
    )
    def get(self, request: Request) -> Response:
        """Return a page of them, newest first, and how the inbox stands."""
        query = shapes.EventQuery(data={key: request.query_params[key] for key in request.query_params})
        query.is_valid(raise_exception=True)
        given = query.validated_data
        rows = finance.events(state=given["state"], words=given["q"].strip(), organization_id=given["organization"])
        response = cursor_page(
            request,
            rows,
            order=("-received_at", "-id"),
            serialize=_lines,
        )
        response.data["inbox"] = shapes.inbox_out(finance.inbox())
        return response


class StripeEventDetail(StaffAPIView):
    """One event."""

    permissions = {"GET": policies.BOOKS}

    @extend_schema(operation_id="stripe_events_get", responses=shapes.EventOut)
    def get(self, request: Request, event_id: str) -> Response:
        """Return it with what it held, but for who people are. After ninety days that is erased."""
        row, payload = finance.event(event_id)
        return Response({**_lines([row])[0], "payload": payload, "page": finance.page_at_stripe(row.object_id)})


class StripeEventRetry(StaffAPIView):
    """Another look."""

    permissions = {"POST": policies.FINANCIAL}

    @extend_schema(operation_id="stripe_events_retry", request=ActIn, responses=shapes.EventLine)
    def post(self, request: Request, event_id: str) -> Response:
        """Let a parked event be looked into again. The reason is recorded."""
        body = ActIn(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(_lines([acts.retry_event(event_id, **body.validated_data)])[0])


def _lines(rows: list[finance.StripeEvent]) -> list[dict[str, object]]:
    whose = finance.organizations_of(rows)
    names = names_of(whose.values())
    return [
        shapes.event_line(row, whose.get(row.customer), names.get(str(whose.get(row.customer)), "")) for row in rows
    ]
