"""Who is on the staff."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

from core.errors import PermissionDenied
from core.http.request import Request
from staff import policies
from staff.accounts import people
from staff.rest.serializers.accounts import (
    StaffAccountChange,
    StaffAccountIn,
    StaffAccountList,
    StaffAccountOut,
    StartOverIn,
    account_out,
)
from staff.rest.views import StaffAPIView, actor_of


class AccountList(StaffAPIView):
    """Everybody on the staff."""

    permissions = {"GET": policies.ACCOUNTS, "POST": policies.ACCOUNTS}
    recent_proof = frozenset({"POST"})

    @extend_schema(operation_id="accounts_list", responses=StaffAccountList)
    def get(self, request: Request) -> Response:
        """Return everybody by name."""
        return Response({"items": [account_out(row) for row in people.everybody()]})

    @extend_schema(operation_id="accounts_create", request=StaffAccountIn, responses={201: StaffAccountOut})
    def post(self, request: Request) -> Response:
        """Make an account. Its set-up link is in the answer, this once: hand it to its person."""
        body = StaffAccountIn(data=request.data)
        body.is_valid(raise_exception=True)
        account, link = people.create(**body.validated_data)
        return Response(account_out(account, link), status=status.HTTP_201_CREATED)


class AccountDetail(StaffAPIView):
    """One account."""

    permissions = {"PATCH": policies.ACCOUNTS}
    recent_proof = frozenset({"PATCH"})

    @extend_schema(operation_id="accounts_change", request=StaffAccountChange, responses=StaffAccountOut)
    def patch(self, request: Request, account_id: UUID) -> Response:
        """Change roles, suspend (every session ends at once), or bring back."""
        body = StaffAccountChange(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        changed = people.change(account_id, roles=given.get("roles"), state=given.get("state"), reason=given["reason"])
        return Response(account_out(changed))


class AccountSetUpLink(StaffAPIView):
    """A new beginning for somebody who lost a factor or a password."""

    permissions = {"POST": policies.ACCOUNTS}
    recent_proof = frozenset({"POST"})

    @extend_schema(operation_id="accounts_start_over", request=StartOverIn, responses=StaffAccountOut)
    def post(self, request: Request, account_id: UUID) -> Response:
        """Forget password and factors, end every session, and return a new set-up link. Not for one's own account."""
        body = StartOverIn(data=request.data)
        body.is_valid(raise_exception=True)
        if account_id == actor_of(request).staff_id:
            raise PermissionDenied("Change your own factors on your own page.")
        account, link = people.start_over(account_id, **body.validated_data)
        return Response(account_out(account, link))
