"""Feature flags."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

from core.http.request import Request
from staff import policies
from staff.flags import services
from staff.rest.serializers.operations import FlagChange, FlagIn, FlagList, FlagOut, FlagRulesIn, flag_out
from staff.rest.views import StaffAPIView


class FlagListView(StaffAPIView):
    """Every flag."""

    permissions = {"GET": policies.VIEW, "POST": policies.OPERATE}

    @extend_schema(operation_id="flags_list", responses=FlagList)
    def get(self, request: Request) -> Response:
        """Return the flags by key. Those past their end say so."""
        return Response({"items": [flag_out(flag) for flag in services.flags()]})

    @extend_schema(operation_id="flags_create", request=FlagIn, responses={201: FlagOut})
    def post(self, request: Request) -> Response:
        """Make a flag, which nobody has before it has rules."""
        body = FlagIn(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(flag_out(services.create(**body.validated_data)), status=status.HTTP_201_CREATED)


class FlagDetail(StaffAPIView):
    """One flag."""

    permissions = {"PATCH": policies.OPERATE, "DELETE": policies.OPERATE}

    @extend_schema(operation_id="flags_change", request=FlagChange, responses=FlagOut)
    def patch(self, request: Request, key: str) -> Response:
        """Change description, owner, end, or the kill switch. It reaches every process within seconds."""
        body = FlagChange(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(flag_out(services.change(key, **body.validated_data)))

    @extend_schema(operation_id="flags_remove", responses={204: None})
    def delete(self, request: Request, key: str) -> Response:
        """Remove it: it is off for everybody."""
        services.remove(key)
        return Response(status=status.HTTP_204_NO_CONTENT)


class FlagRules(StaffAPIView):
    """Who has it."""

    permissions = {"PUT": policies.OPERATE}

    @extend_schema(operation_id="flags_set_rules", request=FlagRulesIn, responses=FlagOut)
    def put(self, request: Request, key: str) -> Response:
        """Replace the rules. It reaches every process within seconds."""
        body = FlagRulesIn(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(flag_out(services.set_rules(key, body.validated_data["rules"])))
