"""HTTP of what an organization is, in its studio: its name, its state and its end.

These are the platform's rows: each view leaves the organization. They stay open while it waits to be deleted, for its
owners alone.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

import tenancy
from core.clock import iso
from core.http.request import Request
from core.http.views import APIView
from tenants.catalog import record_of
from tenants.errors import ConfirmationWrong
from tenants.gate import PENDING_DELETION
from tenants.lifecycle import effects, naming
from tenants.lifecycle.machine import transition
from tenants.lifecycle.rules import Event, Who
from tenants.models import Organization
from tenants.policies import DELETE_ORGANIZATION, EDIT_ORGANIZATION, VIEW_ORGANIZATION
from tenants.rest import lifecycle_shapes as shapes

_OWNER = frozenset({Who.OWNER})


class OrganizationView(APIView):
    """The organization itself."""

    permissions = {"GET": VIEW_ORGANIZATION, "PATCH": EDIT_ORGANIZATION}
    open_when = frozenset({PENDING_DELETION})

    @extend_schema(operation_id="organization_read", responses=shapes.OrganizationStateOut)
    def get(self, request: Request) -> Response:
        """Return name, address and state; while it waits to be deleted, the day."""
        return Response(_state(tenancy.current().id))

    @extend_schema(
        operation_id="organization_rename", request=shapes.OrganizationNameIn, responses=shapes.OrganizationStateOut
    )
    def patch(self, request: Request) -> Response:
        """Change the name. The address stays."""
        body = shapes.OrganizationNameIn(data=request.data)
        body.is_valid(raise_exception=True)
        organization_id = tenancy.current().id
        with tenancy.platform():
            naming.rename(organization_id, body.validated_data["name"])
        return Response(_state(organization_id))


class DeletionView(APIView):
    """The end of the organization: what it would do, asking for it, and calling it off."""

    permissions = {"GET": DELETE_ORGANIZATION, "POST": DELETE_ORGANIZATION, "DELETE": DELETE_ORGANIZATION}
    open_when = frozenset({PENDING_DELETION})

    @extend_schema(operation_id="organization_deletion_preview", responses=shapes.EffectsOut)
    def get(self, request: Request) -> Response:
        """Return what asking for the deletion would do now; where it is asked for, what calling it off would do."""
        tenant = tenancy.current()
        event = Event.CANCEL_DELETION if tenant.is_closing else Event.ASK_DELETION
        return Response(effects.preview(tenant.id, event).as_json())

    @extend_schema(
        operation_id="organization_deletion_ask",
        request=shapes.DeletionIn,
        responses={202: shapes.OrganizationStateOut},
    )
    def post(self, request: Request) -> Response:
        """Close the organization and delete it in 30 days, unless an owner calls that off."""
        body = shapes.DeletionIn(data=request.data)
        body.is_valid(raise_exception=True)
        asked = body.validated_data
        tenant = tenancy.current()
        if asked["slug"].strip().lower() != tenant.slug:
            raise ConfirmationWrong
        transition(tenant.id, Event.ASK_DELETION, who=_OWNER, reason=asked["reason"], token=asked["token"])
        return Response(_state(tenant.id), status=status.HTTP_202_ACCEPTED)

    @extend_schema(
        operation_id="organization_deletion_cancel",
        parameters=[shapes.CancellationIn],
        request=None,
        responses=shapes.OrganizationStateOut,
    )
    def delete(self, request: Request) -> Response:
        """Call the deletion off: everybody is let in again. Where none is asked for, there is nothing to do."""
        if not tenancy.current().is_closing:
            return Response(_state(tenancy.current().id))
        query = shapes.CancellationIn(data=request.query_params)
        query.is_valid(raise_exception=True)
        organization_id = tenancy.current().id
        transition(organization_id, Event.CANCEL_DELETION, who=_OWNER, token=query.validated_data["token"])
        return Response(_state(organization_id))


def _state(organization_id: UUID) -> dict[str, Any]:
    with tenancy.platform():
        organization = Organization.objects.get(id=organization_id)
        record = record_of(organization)
        last = organization.transitions.order_by("-state_version").values_list("to_state", "reason").first()
    return {
        "id": str(organization.id),
        "name": organization.name,
        "slug": record.slug,
        "host": record.host,
        "state": organization.state,
        "state_since": iso(organization.state_since),
        "created_at": iso(organization.created_at),
        "delete_after": iso(organization.delete_after) if organization.delete_after else None,
        "returns_to": organization.returns_to,
        "reason": last[1] if last and last[0] == organization.state else "",
    }
