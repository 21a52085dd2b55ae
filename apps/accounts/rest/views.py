"""Accounts over HTTP: who I am, the people of the organization and their roles."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from apps.accounts import api, policies, selectors
from apps.accounts.limits import refusals
from apps.accounts.rest.own_serializers import ProfileIn
from apps.accounts.rest.serializers import (
    HandOverIn,
    MemberFilter,
    MemberOut,
    MemberPage,
    MeOut,
    NextOut,
    RolesIn,
    member_out,
)
from apps.accounts.rest.whose import member_of
from apps.accounts.services import devices, hand_over
from apps.accounts.services.members import change_profile, set_roles
from apps.accounts.sessions import sign_in
from core.errors import PermissionDenied
from core.http.pagination import cursor_page
from core.http.request import Request
from core.http.views import PUBLIC, SIGNED_IN, APIView

NONCE_COOKIE = "__Host-handover"
STUDIO = "/studio"


class Me(APIView):
    """The signed-in member."""

    permissions = {"GET": SIGNED_IN, "PATCH": SIGNED_IN}
    open_when = frozenset({"pending_deletion"})

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]  # ours
        """Let who must set up a second factor see who they are, and support change nothing."""
        self.open_to_locked = request.method == "GET"
        super().initial(request, *args, **kwargs)
        if request.method != "GET" and request.actor.support is not None:
            raise PermissionDenied("Support access does not reach anybody's own account")

    @extend_schema(operation_id="me_read", responses=MeOut)
    def get(self, request: Request) -> Response:
        """Return who is signed in, their roles and what these allow."""
        return Response({**(api.me(request._request) or {}), "csrf": api.csrf(request._request)})

    @extend_schema(operation_id="me_change", request=ProfileIn, responses=MeOut)
    def patch(self, request: Request) -> Response:
        """Change one's own name, language or time zone."""
        body = ProfileIn(data=request.data)
        body.is_valid(raise_exception=True)
        change_profile(member_of(request), **body.validated_data)
        api.forget(request._request)
        return Response({**(api.me(request._request) or {}), "csrf": api.csrf(request._request)})


class HandOver(APIView):
    """The last step of a sign-up: its code becomes a session on the organization's host."""

    permissions = {"POST": PUBLIC}

    @extend_schema(operation_id="hand_over_redeem", request=HandOverIn, responses=NextOut)
    def post(self, request: Request) -> Response:
        """Spend the code in the browser that holds its nonce; sign the owner in."""
        body = HandOverIn(data=request.data)
        body.is_valid(raise_exception=True)
        with refusals(request._request, kind="hand-over", here=20, everywhere=60):
            member = hand_over.redeem(code=body.validated_data["code"], nonce=request.COOKIES.get(NONCE_COOKIE, ""))
        sign_in(request._request, member)
        response = Response({"next": STUDIO})
        response.set_cookie(NONCE_COOKIE, "", max_age=0, secure=True, httponly=True, samesite="Lax")
        return response


class MemberList(APIView):
    """The people of the organization."""

    permissions = {"GET": policies.VIEW_PEOPLE}

    @extend_schema(operation_id="members_list", parameters=[MemberFilter], responses=MemberPage)
    def get(self, request: Request) -> Response:
        """Return members by name; ``q`` searches names and addresses."""
        wanted = MemberFilter(data=request.query_params)
        wanted.is_valid(raise_exception=True)
        people = selectors.people(
            state=wanted.validated_data.get("state"),
            role=wanted.validated_data.get("role"),
            words=wanted.validated_data["q"],
        )
        return cursor_page(
            request, people, order=("name", "id"), serialize=lambda rows: [member_out(row) for row in rows]
        )


class MemberRoles(APIView):
    """The roles that a member holds in the whole organization."""

    permissions = {"PUT": policies.MANAGE_ROLES}

    @extend_schema(operation_id="member_roles_replace", request=RolesIn, responses=MemberOut)
    def put(self, request: Request, member_id: UUID) -> Response:
        """Let the member hold exactly these roles. Only owners make owners, and the last one stays."""
        body = RolesIn(data=request.data)
        body.is_valid(raise_exception=True)
        member = set_roles(actor=request.actor, member_id=member_id, roles=body.validated_data["roles"])
        if member.id == request.actor.member_id:
            # Rights changed: whoever knows the old key has nothing of the new ones.
            session = request._request.session
            before = session.session_key
            session.cycle_key()
            devices.moved(before, session.session_key)
        return Response(member_out(member))
