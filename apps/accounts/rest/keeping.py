"""What owners and admins do to members' accounts, and the organization's security policy, over HTTP."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

from apps.accounts import policies, selectors
from apps.accounts.factors import policy, recent
from apps.accounts.factors import selectors as factors
from apps.accounts.rest.own_serializers import PolicyIn, PolicyOut
from apps.accounts.rest.serializers import MemberCountsOut, MemberOut, ReasonIn, member_out
from apps.accounts.services import keeping
from core.http.request import Request
from core.http.views import APIView


def _reason(request: Request) -> str:
    body = ReasonIn(data=request.data)
    body.is_valid(raise_exception=True)
    reason: str = body.validated_data["reason"]
    return reason


class MemberSuspension(APIView):
    """Whether a member is suspended."""

    # With more people than seats a studio becomes read-only: suspending is a way out of that. Restoring is none.
    open_when = frozenset({"read_only"})
    open_methods = frozenset({"PUT"})
    permissions = {"PUT": policies.MANAGE_PEOPLE, "DELETE": policies.MANAGE_PEOPLE}

    @extend_schema(operation_id="member_suspend", request=ReasonIn, responses=MemberOut)
    def put(self, request: Request, member_id: UUID) -> Response:
        """Suspend: sessions and playback end at once. Safe to repeat."""
        return Response(member_out(keeping.suspend(actor=request.actor, member_id=member_id, reason=_reason(request))))

    @extend_schema(operation_id="member_restore", responses=MemberOut)
    def delete(self, request: Request, member_id: UUID) -> Response:
        """Restore: the member may sign in again. Safe to repeat."""
        return Response(member_out(keeping.restore(actor=request.actor, member_id=member_id)))


class MemberErasure(APIView):
    """The end of a member's personal data."""

    permissions = {"POST": policies.MANAGE_PEOPLE}

    @extend_schema(operation_id="member_erase", request=ReasonIn, responses={204: None})
    def post(self, request: Request, member_id: UUID) -> Response:
        """Erase, for good. Needs a proof of identity from the last five minutes."""
        reason = _reason(request)
        recent.require(request._request)
        keeping.erase(actor=request.actor, member_id=member_id, reason=reason)
        return Response(status=status.HTTP_204_NO_CONTENT)


class SecondFactorReset(APIView):
    """The way out for a member who lost their phone and their codes."""

    permissions = {"POST": policies.MANAGE_PEOPLE}

    @extend_schema(operation_id="member_second_factor_reset", request=ReasonIn, responses=MemberOut)
    def post(self, request: Request, member_id: UUID) -> Response:
        """Remove every factor; the member and all owners are told. Needs a proof of identity of the last minutes."""
        reason = _reason(request)
        recent.require(request._request)
        member = keeping.reset_second_factor(actor=request.actor, member_id=member_id, reason=reason)
        return Response(member_out(member))


class MemberCounts(APIView):
    """How many there are of each kind."""

    permissions = {"GET": policies.VIEW_PEOPLE}

    @extend_schema(operation_id="member_counts_read", responses=MemberCountsOut)
    def get(self, request: Request) -> Response:
        """Return how many members are active and suspended, and how many invitations are open."""
        return Response(selectors.member_counts())


class SecurityPolicyView(APIView):
    """Of whom the organization asks a second step."""

    permissions = {"GET": policies.VIEW_PEOPLE, "PUT": policies.MANAGE_SECURITY}

    @extend_schema(operation_id="security_policy_read", responses=PolicyOut)
    def get(self, request: Request) -> Response:
        """Return the level and what each level would mean."""
        return Response(factors.policy_out(policy.GRACE.days))

    @extend_schema(operation_id="security_policy_replace", request=PolicyIn, responses=PolicyOut)
    def put(self, request: Request) -> Response:
        """Ask it of a wider or narrower circle; never of fewer than owners and admins."""
        body = PolicyIn(data=request.data)
        body.is_valid(raise_exception=True)
        recent.require(request._request)
        policy.set_level(body.validated_data["level"])
        return Response(factors.policy_out(policy.GRACE.days))
