"""HTTP of the site host for Stripe: no session, no page, no origin; what counts is the signature over the bytes."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

from billing.inbox import intake
from core.http.request import Request
from core.http.views import PUBLIC, APIView

_EVENT = {"application/json": {"type": "object", "additionalProperties": True}}


class StripeWebhook(APIView):
    """Where Stripe's events come in."""

    authentication_classes = []
    permissions = {"POST": PUBLIC}

    @extend_schema(
        operation_id="stripe_webhook", request={"application/json": {"type": "object"}}, responses={204: None}
    )
    def post(self, request: Request) -> Response:
        """Keep a genuine event. It is looked into afterwards."""
        intake.take(request._request.body, request.headers.get("Stripe-Signature", ""))
        return Response(status=status.HTTP_204_NO_CONTENT)
