"""Invitations over HTTP: the studio's list of them, and the page behind the link."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

from apps.accounts import api, policies
from apps.accounts.limits import refusals
from apps.accounts.models import Invitation, Role
from apps.accounts.rest.serializers import (
    AcceptanceIn,
    AcceptanceOut,
    InvitationFilter,
    InvitationIn,
    InvitationLinkOut,
    InvitationOut,
    InvitationOutcomesOut,
    InvitationPage,
    InvitationsIn,
    OfferOut,
    invitation_out,
)
from apps.accounts.services import invitations
from apps.accounts.sessions import principal_of, sign_in
from core.http.idempotency import idempotent
from core.http.pagination import cursor_page
from core.http.request import Request
from core.http.views import PUBLIC, APIView


class InvitationList(APIView):
    """Invitations."""

    permissions = {"GET": policies.VIEW_PEOPLE, "POST": policies.MANAGE_PEOPLE}

    @extend_schema(operation_id="invitations_list", parameters=[InvitationFilter], responses=InvitationPage)
    def get(self, request: Request) -> Response:
        """Return invitations of one state, newest first; without one those neither accepted nor withdrawn."""
        wanted = InvitationFilter(data=request.query_params)
        wanted.is_valid(raise_exception=True)
        return cursor_page(
            request,
            Invitation.objects.in_state(wanted.validated_data.get("state")),
            order=("-created_at", "-id"),
            serialize=lambda rows: [invitation_out(row) for row in rows],
        )

    @extend_schema(operation_id="invitations_create", request=InvitationIn, responses={201: InvitationOut})
    @idempotent
    def post(self, request: Request) -> Response:
        """Invite somebody by mail. The link is theirs alone: it is not in the answer."""
        body = InvitationIn(data=request.data)
        body.is_valid(raise_exception=True)
        invitation, _ = invitations.invite(actor=request.actor, **body.validated_data)
        return Response(invitation_out(invitation), status=status.HTTP_201_CREATED)


class InvitationBatch(APIView):
    """Many invitations at once."""

    permissions = {"POST": policies.MANAGE_PEOPLE}

    @extend_schema(operation_id="invitations_create_many", request=InvitationsIn, responses=InvitationOutcomesOut)
    @idempotent
    def post(self, request: Request) -> Response:
        """Invite each address; say of each what became of it."""
        body = InvitationsIn(data=request.data)
        body.is_valid(raise_exception=True)
        outcomes = invitations.invite_many(actor=request.actor, **body.validated_data)
        return Response(
            {
                "items": [
                    {
                        "email": outcome.email,
                        "state": outcome.state,
                        "detail": outcome.detail,
                        "invitation": invitation_out(outcome.invitation) if outcome.invitation else None,
                    }
                    for outcome in outcomes
                ]
            }
        )


class InvitationDetail(APIView):
    """One open invitation."""

    permissions = {"DELETE": policies.MANAGE_PEOPLE}

    @extend_schema(operation_id="invitation_withdraw", responses={204: None})
    def delete(self, request: Request, invitation_id: UUID) -> Response:
        """Withdraw it: the link ends at once."""
        invitations.revoke(actor=request.actor, invitation_id=invitation_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class InvitationResend(APIView):
    """Sending one again."""

    permissions = {"POST": policies.MANAGE_PEOPLE}

    @extend_schema(operation_id="invitation_resend", request=None, responses=InvitationOut)
    def post(self, request: Request, invitation_id: UUID) -> Response:
        """Send a new link that works for seven days; the old one ends."""
        invitation, _ = invitations.resend(actor=request.actor, invitation_id=invitation_id)
        return Response(invitation_out(invitation))


class InvitationOwnLink(APIView):
    """A link of one invitation to copy."""

    permissions = {"POST": policies.MANAGE_PEOPLE}

    @extend_schema(operation_id="invitation_link_make", request=None, responses=InvitationLinkOut)
    def post(self, request: Request, invitation_id: UUID) -> Response:
        """Make a new link and show it this once; the one before ends."""
        invitation, url = invitations.make_link(actor=request.actor, invitation_id=invitation_id)
        return Response({**invitation_out(invitation), "url": url})


class InvitationLink(APIView):
    """What stands behind a link."""

    permissions = {"GET": PUBLIC}

    @extend_schema(operation_id="invitation_link_read", responses=OfferOut)
    def get(self, request: Request, token: str) -> Response:
        """Return what the holder of the link is offered."""
        with refusals(request._request, kind="invitation", here=60, everywhere=120):
            offer = invitations.offer_of(token)
        return Response({"organization": offer.organization, "email": offer.email, "role": offer.role})


class InvitationAcceptance(APIView):
    """Accepting."""

    permissions = {"POST": PUBLIC}

    @extend_schema(operation_id="invitation_accept", request=AcceptanceIn, responses={201: AcceptanceOut})
    def post(self, request: Request, token: str) -> Response:
        """Become a member, signed in on this browser."""
        body = AcceptanceIn(data=request.data)
        body.is_valid(raise_exception=True)
        with refusals(request._request, kind="invitation", here=60, everywhere=120):
            member = invitations.accept(token=token, **body.validated_data)
        sign_in(request._request, member)
        found = principal_of(request._request)
        if found is None:
            raise RuntimeError("the session that just began names nobody")
        teaches = found.actor.roles - {Role.LEARNER}
        answer = {**api.describe(found), "csrf": api.csrf(request._request), "next": "/studio" if teaches else "/"}
        return Response(answer, status=status.HTTP_201_CREATED)
