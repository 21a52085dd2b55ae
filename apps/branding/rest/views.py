"""The brand over HTTP."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from apps.branding import policies, selectors, services
from apps.branding.rest.serializers import BrandOut, BrandWrite, brand_out
from core.http.preconditions import require_revision
from core.http.request import Request
from core.http.views import APIView


class BrandDetail(APIView):
    """The organization's published brand."""

    permissions = {"GET": policies.VIEW, "PUT": policies.MANAGE}

    @extend_schema(operation_id="brand_read", responses=BrandOut)
    def get(self, request: Request) -> Response:
        """Return the brand with every variable it was solved to."""
        return Response(brand_out(selectors.published()))

    @extend_schema(operation_id="brand_publish", request=BrandWrite, responses=BrandOut)
    def put(self, request: Request) -> Response:
        """Publish a colour and a heading face. With ``If-Match`` only over the revision one has seen."""
        body = BrandWrite(data=request.data)
        body.is_valid(raise_exception=True)
        brand = services.publish_brand(
            **body.validated_data,
            expected_revision=require_revision(request) if "If-Match" in request.headers else None,
            actor_id=request.actor.member_id,
        )
        return Response(brand_out(brand))
