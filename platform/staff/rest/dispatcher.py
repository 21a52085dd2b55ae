"""The dispatcher at a glance."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from core.http.request import Request
from staff import policies
from staff.console.dispatcher import dispatcher
from staff.rest.serializers.dispatcher import DispatcherOut, dispatcher_out
from staff.rest.views import StaffAPIView


class DispatcherView(StaffAPIView):
    """The dispatcher."""

    permissions = {"GET": policies.VIEW}

    @extend_schema(operation_id="dispatcher_get", responses=DispatcherOut)
    def get(self, request: Request) -> Response:
        """Return whether it lives, what of its duties is late, and whose work waits. Answers while Redis is away."""
        return Response(dispatcher_out(dispatcher()))
