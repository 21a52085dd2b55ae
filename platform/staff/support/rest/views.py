"""Support access on the organization's host: entering and leaving it, and what the owners say to it."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

import tenancy
from apps.accounts.api import member_with_id
from apps.audit.api import record
from core import acting
from core.acting import Acting
from core.clock import now
from core.errors import NotFound
from core.http.client import client_ip
from core.http.request import Request
from core.http.views import PUBLIC, APIView
from staff.support import policies, services, sessions
from staff.support.banner import support_banner
from staff.support.limits import hold_back
from staff.support.rest.serializers import (
    SupportAccessOut,
    SupportCodeIn,
    SupportEnteredOut,
    SupportGrantOut,
    SupportModeIn,
    SupportSessionOut,
    grant_out,
)

STUDIO, LEARN = "/studio", "/"
# Who may look in, and that somebody does, is decided however little else may be changed.
_WHILE_READ_ONLY = frozenset({"read_only"})


class SupportSession(APIView):
    """The support access of this browser."""

    permissions = {"GET": PUBLIC, "POST": PUBLIC, "DELETE": PUBLIC}
    open_when = _WHILE_READ_ONLY

    @extend_schema(operation_id="support_session_read", responses=SupportSessionOut)
    def get(self, request: Request) -> Response:
        """Return it: what the banner says.

        Raises:
            NotFound: this browser has none.
        """
        found = support_banner(request._request)
        if found is None:
            raise NotFound
        return Response(found)

    @extend_schema(operation_id="support_session_enter", request=SupportCodeIn, responses=SupportEnteredOut)
    def post(self, request: Request) -> Response:
        """Spend the code in the browser that holds its nonce; the browser has support access from now on."""
        body = SupportCodeIn(data=request.data)
        body.is_valid(raise_exception=True)
        tenant = tenancy.current()
        with hold_back(client_ip(request._request)):
            entered = sessions.redeem(
                organization_id=tenant.id,
                code=body.validated_data["code"],
                nonce=request.COOKIES.get(sessions.NONCE_COOKIE, ""),
            )
        grant = entered.grant
        member = member_with_id(grant.member_id) if grant.member_id else None
        who = acting.become(
            kind="staff",
            id=grant.staff_id,
            name=grant.staff.name,
            on_behalf_of=grant.member_id,
            on_behalf_name=member.name if member else "",
            support_grant=grant.id,
            via="support",
        )
        _keep("support.access.entered", grant.id, {"scope": grant.scope}, who)
        response = Response({"next": LEARN if member else STUDIO})
        response.set_cookie(
            sessions.COOKIE,
            entered.token,
            max_age=max(1, int((grant.expires_at - now()).total_seconds())),
            secure=True,
            httponly=True,
            samesite="Lax",
        )
        response.set_cookie(sessions.NONCE_COOKIE, "", max_age=0, secure=True, httponly=True, samesite="Lax")
        return response

    @extend_schema(operation_id="support_session_end", responses={204: None})
    def delete(self, request: Request) -> Response:
        """End the access itself, not only here.

        Raises:
            NotFound: this browser has none, or it is over already.
        """
        support = request._request.support  # type: ignore[attr-defined]
        if support is None:
            raise NotFound
        with tenancy.platform():
            services.end(support.grant_id, reason=services.End.STAFF)
        response = Response(status=status.HTTP_204_NO_CONTENT)
        response.set_cookie(sessions.COOKIE, "", max_age=0, secure=True, httponly=True, samesite="Lax")
        return response


class SupportAccess(APIView):
    """Who of the support team may look into the organization, may now, and did."""

    permissions = {"GET": policies.VIEW, "PUT": policies.MANAGE}
    open_when = _WHILE_READ_ONLY

    @extend_schema(operation_id="support_access_read", responses=SupportAccessOut)
    def get(self, request: Request) -> Response:
        """Return the switch and every access, newest first."""
        return Response(_access())

    @extend_schema(operation_id="support_access_choose", request=SupportModeIn, responses=SupportAccessOut)
    def put(self, request: Request) -> Response:
        """Choose whether support may come in. ``off`` ends what is open."""
        body = SupportModeIn(data=request.data)
        body.is_valid(raise_exception=True)
        organization = tenancy.current()
        with tenancy.platform():
            services.choose_mode(organization.id, body.validated_data["mode"], owner_id=request.actor.member_id)
        return Response(_access())


class SupportApproval(APIView):
    """An owner's yes."""

    permissions = {"POST": policies.MANAGE}
    open_when = _WHILE_READ_ONLY

    @extend_schema(operation_id="support_access_approve", request=None, responses=SupportGrantOut)
    def post(self, request: Request, grant_id: UUID) -> Response:
        """Let the access begin now."""
        organization = tenancy.current()
        with tenancy.platform():
            grant = services.agree(grant_id, organization_id=organization.id, owner_id=request.actor.member_id)
        return Response(grant_out(grant))


class SupportRefusal(APIView):
    """An owner's no."""

    permissions = {"POST": policies.MANAGE}
    open_when = _WHILE_READ_ONLY

    @extend_schema(operation_id="support_access_refuse", request=None, responses=SupportGrantOut)
    def post(self, request: Request, grant_id: UUID) -> Response:
        """Refuse the access: it never begins."""
        organization = tenancy.current()
        with tenancy.platform():
            grant = services.refuse(grant_id, organization_id=organization.id, owner_id=request.actor.member_id)
        return Response(grant_out(grant))


class SupportEnd(APIView):
    """An owner's end of it."""

    permissions = {"POST": policies.MANAGE}
    open_when = _WHILE_READ_ONLY

    @extend_schema(operation_id="support_access_end", request=None, responses=SupportGrantOut)
    def post(self, request: Request, grant_id: UUID) -> Response:
        """End the access: the staff person's next request opens nothing. Safe to repeat."""
        organization = tenancy.current()
        with tenancy.platform():
            grant = services.end(grant_id, reason=services.End.OWNER, organization_id=organization.id)
        return Response(grant_out(grant))


def _access() -> dict[str, object]:
    organization = tenancy.current()
    with tenancy.platform():
        return {
            "mode": services.mode_of(organization.id),
            "items": [grant_out(grant) for grant in services.grants_of(organization.id)],
        }


def _keep(action: str, grant_id: UUID, changes: dict[str, object], who: Acting) -> None:
    with transaction.atomic():
        record(action, object_type="support_grant", object_id=grant_id, changes=changes, who=who)
