"""What pages tried and their policy forbade."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

from core.http.pagination import cursor_page
from core.http.request import Request
from staff import policies, violations
from staff.rest.serializers.violations import ViolationList, ViolationQuery, violation_out
from staff.rest.views import StaffAPIView


class ViolationListView(StaffAPIView):
    """Every kind of violation that browsers reported."""

    permissions = {"GET": policies.VIEW}

    @extend_schema(operation_id="violations_list", parameters=[ViolationQuery], responses=ViolationList)
    def get(self, request: Request) -> Response:
        """Return a page of them, the latest first; with ``surface`` those of one."""
        asked = ViolationQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        return cursor_page(
            request,
            violations.found(**asked.validated_data),
            order=("-last_seen_at", "-id"),
            serialize=lambda rows: [violation_out(row) for row in rows],
        )


class ViolationDetail(StaffAPIView):
    """One kind."""

    permissions = {"DELETE": policies.OPERATE}

    @extend_schema(operation_id="violations_forget", responses={204: None})
    def delete(self, request: Request, violation_id: UUID) -> Response:
        """Forget it: somebody has looked into it. Reports that come later are counted anew."""
        violations.forget(violation_id)
        return Response(status=status.HTTP_204_NO_CONTENT)
