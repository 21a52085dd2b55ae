"""A member's own account over HTTP. Nobody else reaches it: support access least of all."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

from apps.accounts import api
from apps.accounts.factors import policy, recent, selectors
from apps.accounts.models import EmailChange
from apps.accounts.rest.own_serializers import (
    CodeIn,
    EmailChangeIn,
    EmailChangeOut,
    EndedOut,
    SecurityOut,
    SessionsOut,
    session_out,
)
from apps.accounts.rest.serializers import MeOut
from apps.accounts.rest.whose import member_of
from apps.accounts.services import devices, email_change
from core.clock import iso
from core.errors import PermissionDenied
from core.http.request import Request
from core.http.views import SIGNED_IN, APIView


class OwnView(APIView):
    """A view of the signed-in member's own account."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]  # ours
        """Refuse support access: it looks at an organization, never at how somebody gets in."""
        super().initial(request, *args, **kwargs)
        if request.actor.support is not None:
            raise PermissionDenied("Support access does not reach anybody's own account")


class Security(OwnView):
    """How the member signs in."""

    permissions = {"GET": SIGNED_IN}
    open_to_locked = True
    # An owner who has to add a factor before anything else must be able to while the organization is closing.
    open_when = frozenset({"pending_deletion"})

    @extend_schema(operation_id="my_security_read", responses=SecurityOut)
    def get(self, request: Request) -> Response:
        """Return password, factors and what the organization asks."""
        raw = request._request
        member = member_of(request)
        host = raw.get_host().partition(":")[0]
        return Response(
            {
                "second_factor": api.second_factor(raw),
                "level": policy.rules().level,
                "has_password": member.has_usable_password(),
                **selectors.factors_of(member.pk, host=host),
                "host": host,
                "recently_confirmed": recent.is_recent(raw),
            }
        )


class Sessions(OwnView):
    """Where the member is signed in."""

    permissions = {"GET": SIGNED_IN, "DELETE": SIGNED_IN}

    @extend_schema(operation_id="my_sessions_list", responses=SessionsOut)
    def get(self, request: Request) -> Response:
        """Return the sessions, this browser first."""
        found = devices.sessions_of(member_of(request).pk, current=request._request.session.session_key)
        return Response({"items": [session_out(session) for session in found]})

    @extend_schema(operation_id="my_other_sessions_end", responses=EndedOut)
    def delete(self, request: Request) -> Response:
        """End every session but this one, at once."""
        ended = devices.end_others_of(member_of(request), keep=request._request.session.session_key)
        return Response({"ended": ended})


class SessionDetail(OwnView):
    """One session."""

    permissions = {"DELETE": SIGNED_IN}

    @extend_schema(operation_id="my_session_end", responses={204: None})
    def delete(self, request: Request, session_id: int) -> Response:
        """End it at once."""
        devices.end(member_of(request), session_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class EmailChangeView(OwnView):
    """A change of address."""

    permissions = {"GET": SIGNED_IN, "POST": SIGNED_IN, "DELETE": SIGNED_IN}

    @extend_schema(operation_id="my_email_change_read", responses=EmailChangeOut)
    def get(self, request: Request) -> Response:
        """Return the change that waits for its code."""
        return Response(_change_out(email_change.open_change(member_of(request).pk)))

    @extend_schema(operation_id="my_email_change_begin", request=EmailChangeIn, responses={202: EmailChangeOut})
    def post(self, request: Request) -> Response:
        """Send a code to the new address. Needs a proof of identity from the last five minutes."""
        body = EmailChangeIn(data=request.data)
        body.is_valid(raise_exception=True)
        recent.require(request._request)
        change = email_change.begin(member_of(request), body.validated_data["email"])
        return Response(_change_out(change), status=status.HTTP_202_ACCEPTED)

    @extend_schema(operation_id="my_email_change_cancel", responses={204: None})
    def delete(self, request: Request) -> Response:
        """End it: the address stays."""
        email_change.cancel(member_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class EmailChangeConfirmation(OwnView):
    """The code from the mail."""

    permissions = {"POST": SIGNED_IN}

    @extend_schema(operation_id="my_email_change_confirm", request=CodeIn, responses=MeOut)
    def post(self, request: Request) -> Response:
        """Sign in with the new address from now on."""
        body = CodeIn(data=request.data)
        body.is_valid(raise_exception=True)
        email_change.confirm(member_of(request), body.validated_data["code"])
        api.forget(request._request)
        return Response({**(api.me(request._request) or {}), "csrf": api.csrf(request._request)})


def _change_out(change: EmailChange | None) -> dict[str, Any]:
    if change is None:
        return {"email": None, "expires_at": None}
    return {"email": change.email, "expires_at": iso(change.expires_at)}
