"""Moving an organization from state to state: what an event would do, then doing it."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from core.clock import iso
from core.http.request import Request
from staff.policies import FINANCE, OPERATIONS, TRANSITION, VIEW
from staff.rest.serializers import lifecycle as shapes
from staff.rest.views import StaffAPIView, actor_of
from tenants.api import LifecycleEvent, Outcome, Who, transition, transition_effects

_MAY_ACT_AS = {OPERATIONS: Who.OPERATIONS, FINANCE: Who.FINANCE}


class TransitionEffects(StaffAPIView):
    """What an event would do to the organization now."""

    permissions = {"GET": VIEW}

    @extend_schema(
        operation_id="staff_transition_effects",
        parameters=[shapes.TransitionQuery],
        responses=shapes.TransitionEffectsOut,
    )
    def get(self, request: Request, organization_id: UUID) -> Response:
        """Return the effects in numbers, and the token that the transition presents within 15 minutes."""
        query = shapes.TransitionQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        return Response(transition_effects(organization_id, LifecycleEvent(query.validated_data["event"])).as_json())


class Transitions(StaffAPIView):
    """The organization's way from state to state."""

    permissions = {"POST": TRANSITION}

    @extend_schema(operation_id="staff_transition", request=shapes.TransitionIn, responses=shapes.TransitionOut)
    def post(self, request: Request, organization_id: UUID) -> Response:
        """Let an event happen. What has happened already happens again without effect."""
        body = shapes.TransitionIn(data=request.data)
        body.is_valid(raise_exception=True)
        asked = body.validated_data
        who = [_MAY_ACT_AS[role] for role in actor_of(request).roles if role in _MAY_ACT_AS]
        outcome = transition(
            organization_id,
            LifecycleEvent(asked["event"]),
            who=who,
            reason=asked["reason"],
            ticket=asked["ticket"],
            token=asked["token"],
        )
        return Response(_out(outcome))


def _out(outcome: Outcome) -> dict[str, object]:
    organization = outcome.organization
    return {
        "id": str(organization.id),
        "state": organization.state,
        "state_since": iso(organization.state_since),
        "delete_after": iso(organization.delete_after) if organization.delete_after else None,
        "changed": outcome.transition is not None,
    }
