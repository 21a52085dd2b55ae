"""Support access as the staff console serves it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response

from core.http.request import Request
from staff import policies
from staff.models import StaffAccount, SupportGrant
from staff.rest.views import StaffAPIView, actor_of
from staff.support import services, sessions
from staff.support.rest.serializers import (
    StaffSupportGrantOut,
    SupportGrantIn,
    SupportGrantListOut,
    SupportKilledOut,
    grant_out,
)

MOST_LISTED = 200


class SupportNonceIn(serializers.Serializer):
    """The hash of the nonce that the organization's host gave this browser."""

    nonce_sha256 = serializers.RegexField(r"^[0-9a-f]{64}$")


class SupportLocationOut(serializers.Serializer):
    """Where the browser goes now."""

    location = serializers.CharField()


class SupportGrantList(StaffAPIView):
    """Every support access, and asking for one."""

    permissions = {"GET": policies.VIEW, "POST": policies.ACT}

    @extend_schema(
        operation_id="support_grants_list",
        parameters=[
            OpenApiParameter("organization", UUID, description="Only of this organization."),
            OpenApiParameter("open", bool, description="Only what is open or waiting."),
        ],
        responses=SupportGrantListOut,
    )
    def get(self, request: Request) -> Response:
        """Return accesses, newest first, at most two hundred."""
        services.end_expired()
        rows = SupportGrant.objects.select_related("staff").order_by("-requested_at", "-id")
        if wanted := request.query_params.get("organization"):
            rows = rows.filter(organization_id=serializers.UUIDField().to_internal_value(wanted))
        if request.query_params.get("open") in ("true", "1"):
            rows = rows.filter(ended_at=None)
        mine = actor_of(request).staff_id
        return Response({"items": [_out(grant, mine) for grant in rows[:MOST_LISTED]], "next": None})

    @extend_schema(operation_id="support_grants_create", request=SupportGrantIn, responses={201: StaffSupportGrantOut})
    def post(self, request: Request) -> Response:
        """Open support access, or ask the organization's owners for it. The owners are told either way."""
        body = SupportGrantIn(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        staff = StaffAccount.objects.get(id=actor_of(request).staff_id)
        grant = services.request_access(
            staff=staff,
            organization_id=wanted["organization"],
            member_id=wanted["member"],
            reason=wanted["reason"],
            ticket=wanted["ticket"],
            scope=wanted["scope"],
            minutes=wanted["minutes"],
        )
        return Response(_out(grant, staff.id), status=status.HTTP_201_CREATED)


class SupportGrantDetail(StaffAPIView):
    """One support access."""

    permissions = {"GET": policies.VIEW}

    @extend_schema(operation_id="support_grants_read", responses=StaffSupportGrantOut)
    def get(self, request: Request, grant_id: UUID) -> Response:
        """Return it, e.g. to learn whether an owner agreed."""
        services.end_expired()
        return Response(_out(services.grant_of(grant_id), actor_of(request).staff_id))


class SupportGrantCode(StaffAPIView):
    """The way from the console to the organization's host."""

    permissions = {"POST": policies.ACT}

    @extend_schema(operation_id="support_grants_code", request=SupportNonceIn, responses=SupportLocationOut)
    def post(self, request: Request, grant_id: UUID) -> Response:
        """Make a code for the browser that holds the nonce: it works once, for a minute."""
        body = SupportNonceIn(data=request.data)
        body.is_valid(raise_exception=True)
        location = sessions.make_code(
            grant_id, staff_id=actor_of(request).staff_id, nonce_sha256=body.validated_data["nonce_sha256"]
        )
        return Response({"location": location})


class SupportGrantEnd(StaffAPIView):
    """The end of one's own support access; operations may end anybody's."""

    permissions = {"POST": policies.ACT}

    @extend_schema(operation_id="support_grants_end", request=None, responses=StaffSupportGrantOut)
    def post(self, request: Request, grant_id: UUID) -> Response:
        """End it. Safe to repeat."""
        actor = actor_of(request)
        anybodys = actor.can(policies.OPERATE)
        grant = services.end(grant_id, reason=services.End.STAFF, staff_id=None if anybodys else actor.staff_id)
        return Response(_out(grant, actor.staff_id))


class SupportKill(StaffAPIView):
    """The kill switch: everything that support has open anywhere ends with the next request."""

    permissions = {"POST": policies.OPERATE}

    @extend_schema(operation_id="support_grants_kill", request=None, responses=SupportKilledOut)
    def post(self, request: Request) -> Response:
        """End every support access and every request for one."""
        return Response({"ended": services.end_all(reason=services.End.KILLED)})


def _out(grant: SupportGrant, mine: UUID) -> dict[str, Any]:
    usable = grant.state == SupportGrant.State.ACTIVE and grant.staff_id == mine
    return {
        **grant_out(grant),
        "organization": str(grant.organization_id),
        "location": sessions.location_of(grant) if usable else None,
    }
