"""HTTP of buying: checkout, portal, changes with their figures first, leaving. Owners only.

Each of these reaches the payment provider, so none of them runs inside the transaction that keeps the answers to
``Idempotency-Key``: the key names the press instead, and pressed twice it is one intent.
"""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

import tenancy
from billing.errors import ChangeNotPossible
from billing.policies import MANAGE_BILLING, VIEW_BILLING
from billing.rest import serializers as shapes
from billing.rest.views import BillingAPIView, StaysOpen
from billing.subscriptions import changes, checkout, ending, portal, shown
from core.http.idempotency import MAX_KEY_LENGTH, KeyTooLong
from core.http.request import Request


def _press(request: Request) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > MAX_KEY_LENGTH:
        raise KeyTooLong
    return f"{request.actor.member_id}:{key}" if key else ""


class CheckoutSessions(BillingAPIView):
    """Where a plan is bought."""

    permissions = {"POST": MANAGE_BILLING}

    @extend_schema(operation_id="checkout_start", request=shapes.CheckoutIn, responses={201: shapes.UrlOut})
    def post(self, request: Request) -> Response:
        """Return the address at which the chosen plan is bought. Asked twice, it is the same."""
        body = shapes.CheckoutIn(data=request.data)
        body.is_valid(raise_exception=True)
        actor, organization_id = request.actor, tenancy.current().id
        with tenancy.platform():
            choice = checkout.Choice(**body.validated_data)
            url = checkout.start(organization_id, choice, email=actor.email or "", by=actor.member_id)
        return Response({"url": url}, status=status.HTTP_201_CREATED)


class PortalSessions(StaysOpen):
    """The payment provider's own page."""

    permissions = {"POST": MANAGE_BILLING}

    @extend_schema(operation_id="portal_open", request=None, responses={201: shapes.UrlOut})
    def post(self, request: Request) -> Response:
        """Return its address, good for minutes."""
        actor, organization_id = request.actor, tenancy.current().id
        with tenancy.platform():
            url = portal.open_portal(organization_id, email=actor.email or "", by=actor.member_id)
        return Response({"url": url}, status=status.HTTP_201_CREATED)


class CardConfirmations(BillingAPIView):
    """Where the owner of a card tells its bank that a change is theirs."""

    permissions = {"POST": MANAGE_BILLING}

    @extend_schema(operation_id="card_confirm", request=shapes.ChangeIn, responses={201: shapes.UrlOut})
    def post(self, request: Request) -> Response:
        """Return the address of the payment provider's page. It leads back to the change that is asked for."""
        body = shapes.ChangeIn(data=request.data)
        body.is_valid(raise_exception=True)
        actor, organization_id = request.actor, tenancy.current().id
        with tenancy.platform():
            url = portal.confirm_card(organization_id, body.validated_data, email=actor.email or "", by=actor.member_id)
        return Response({"url": url}, status=status.HTTP_201_CREATED)


class PlanPreviews(BillingAPIView):
    """The figures of a change."""

    permissions = {"POST": MANAGE_BILLING}

    @extend_schema(operation_id="plan_change_preview", request=shapes.ChangeIn, responses=shapes.PlanPreviewOut)
    def post(self, request: Request) -> Response:
        """Return what a change would cost, and the token that asks for just this. Nothing is changed."""
        body = shapes.ChangeIn(data=request.data)
        body.is_valid(raise_exception=True)
        asked = {name: body.validated_data.get(name) for name in ("plan", "interval", "seats")}
        organization_id = tenancy.current().id
        with tenancy.platform():
            return Response(changes.preview(organization_id, **asked))


class PlanChanges(BillingAPIView):
    """A change, after its figures."""

    permissions = {"POST": MANAGE_BILLING}

    @extend_schema(operation_id="plan_change", request=shapes.ChangeConfirmedIn, responses=shapes.BillingOut)
    def post(self, request: Request) -> Response:
        """Do what the token was shown for, once."""
        body = shapes.ChangeConfirmedIn(data=request.data)
        body.is_valid(raise_exception=True)
        actor, organization_id = request.actor, tenancy.current().id
        with tenancy.platform():
            changes.apply(organization_id, body.validated_data["token"], by=actor.member_id)
            return Response(shown.billing_out(organization_id))


class Cancellation(StaysOpen):
    """Leaving: what it would do, doing it, and taking it back."""

    permissions = {"GET": VIEW_BILLING, "POST": MANAGE_BILLING, "DELETE": MANAGE_BILLING}

    @extend_schema(operation_id="cancellation_read", responses=shapes.CancellationOut)
    def get(self, request: Request) -> Response:
        """Return whether the subscription ends, and what its end does."""
        organization_id = tenancy.current().id
        with tenancy.platform():
            return Response(ending.cancellation(organization_id))

    @extend_schema(operation_id="subscription_cancel", request=shapes.CancelIn, responses=shapes.CancellationOut)
    def post(self, request: Request) -> Response:
        """Let the subscription end with what is paid for."""
        body = shapes.CancelIn(data=request.data)
        body.is_valid(raise_exception=True)
        actor, organization_id = request.actor, tenancy.current().id
        with tenancy.platform():
            ending.cancel(organization_id, **body.validated_data, press=_press(request), by=actor.member_id)
            return Response(ending.cancellation(organization_id))

    @extend_schema(operation_id="subscription_resume", responses=shapes.CancellationOut)
    def delete(self, request: Request) -> Response:
        """Take a cancellation back. While the organization waits to be deleted, calling that off does it."""
        if tenancy.current().is_closing:
            raise ChangeNotPossible(
                "The organization will be deleted, and its plan ends with it. Call the deletion off, and the plan "
                "goes on.",
                reason="closing",
            )
        actor, organization_id = request.actor, tenancy.current().id
        with tenancy.platform():
            ending.resume(organization_id, by=actor.member_id)
            return Response(ending.cancellation(organization_id))
