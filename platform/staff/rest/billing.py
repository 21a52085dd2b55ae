"""One organization's money: how it stands, and what finance gives."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from billing.api import finance
from core.http.request import Request
from core.ids import new_id
from staff import policies
from staff.finance import acts
from staff.rest.serializers import billing as shapes
from staff.rest.serializers.operations import ActIn
from staff.rest.views import StaffAPIView, actor_of
from tenants import api as tenants

_KEY = OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)


def _body(request: Request, shape: type[Any]) -> dict[str, Any]:
    body = shape(data=request.data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


def _shown(organization_id: UUID) -> Response:
    tenants.organization_card(organization_id)
    return Response(shapes.panel_out(finance.panel(organization_id)))


class OrganizationBilling(StaffAPIView):
    """How it stands."""

    permissions = {"GET": policies.VIEW}

    @extend_schema(operation_id="organization_billing_get", responses=shapes.PanelOut)
    def get(self, request: Request, organization_id: UUID) -> Response:
        """Return subscription, usage, invoices and what was given. Nobody is asked for it."""
        return _shown(organization_id)


class BillingReadings(StaffAPIView):
    """Looking at Stripe again."""

    permissions = {"POST": policies.FINANCIAL}

    @extend_schema(operation_id="organization_billing_read", request=None, responses=shapes.PanelOut)
    def post(self, request: Request, organization_id: UUID) -> Response:
        """Read everything that Stripe has of it, fold it, and book what was not booked."""
        acts.read_again(organization_id)
        return _shown(organization_id)


class GivenPlans(StaffAPIView):
    """A plan without charge."""

    permissions = {"POST": policies.FINANCIAL}
    recent_proof = frozenset({"POST"})

    @extend_schema(operation_id="organization_plan_give", request=shapes.GivenPlanIn, responses=shapes.PanelOut)
    def post(self, request: Request, organization_id: UUID) -> Response:
        """Let it have a plan until a day. Whoever pays already is given credit instead."""
        acts.give_plan(organization_id, **_body(request, shapes.GivenPlanIn))
        return _shown(organization_id)


class TrialExtensions(StaffAPIView):
    """A longer trial."""

    permissions = {"POST": policies.FINANCIAL}

    @extend_schema(operation_id="organization_trial_extend", request=shapes.TrialIn, responses=shapes.PanelOut)
    def post(self, request: Request, organization_id: UUID) -> Response:
        """Let its trial, or the plan that it was given, end at another moment; what is over begins again."""
        acts.extend_trial(organization_id, **_body(request, shapes.TrialIn))
        return _shown(organization_id)


class Credits(StaffAPIView):
    """Money to spend on invoices to come."""

    permissions = {"POST": policies.FINANCIAL}
    recent_proof = frozenset({"POST"})

    @extend_schema(
        operation_id="organization_credit_give",
        parameters=[_KEY],
        request=shapes.CreditIn,
        responses=shapes.PanelOut,
    )
    def post(self, request: Request, organization_id: UUID) -> Response:
        """Give it at Stripe. Under one Idempotency-Key it is given once."""
        press = request.headers.get("Idempotency-Key", "")[:255] or str(new_id())
        by = actor_of(request).staff_id
        acts.give_credit(organization_id, press=press, by=by, **_body(request, shapes.CreditIn))
        return _shown(organization_id)


class OverrideDetail(StaffAPIView):
    """One feature, other than the plan brings it."""

    permissions = {"PUT": policies.FINANCIAL}
    recent_proof = frozenset({"PUT"})

    @extend_schema(operation_id="organization_override_grant", request=shapes.OverrideIn, responses=shapes.PanelOut)
    def put(self, request: Request, organization_id: UUID, feature: str) -> Response:
        """Grant a value, instead of what was granted before."""
        by = actor_of(request).staff_id
        acts.grant_override(organization_id, feature=feature, by=by, **_body(request, shapes.OverrideIn))
        return _shown(organization_id)


class OverrideRevocation(StaffAPIView):
    """The plan's value again."""

    permissions = {"POST": policies.FINANCIAL}

    @extend_schema(operation_id="organization_override_revoke", request=ActIn, responses=shapes.PanelOut)
    def post(self, request: Request, organization_id: UUID, feature: str) -> Response:
        """Take back what was granted."""
        acts.revoke_override(organization_id, feature=feature, **_body(request, ActIn))
        return _shown(organization_id)


class VersionPreviews(StaffAPIView):
    """What the newest version of its plan would cost."""

    permissions = {"POST": policies.FINANCIAL}

    @extend_schema(operation_id="organization_version_preview", request=None, responses=shapes.VersionPreviewOut)
    def post(self, request: Request, organization_id: UUID) -> Response:
        """Return the figures, and the token that the change presents."""
        tenants.organization_card(organization_id)
        return Response(finance.preview_newest(organization_id))


class VersionChanges(StaffAPIView):
    """The newest version of its plan."""

    permissions = {"POST": policies.FINANCIAL}
    recent_proof = frozenset({"POST"})

    @extend_schema(
        operation_id="organization_version_change", request=shapes.VersionChangeIn, responses=shapes.PanelOut
    )
    def post(self, request: Request, organization_id: UUID) -> Response:
        """Make the change that was shown."""
        by = actor_of(request).staff_id
        acts.change_version(organization_id, by=by, **_body(request, shapes.VersionChangeIn))
        return _shown(organization_id)
