"""HTTP of the site host: the public price list."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from billing.rest import serializers as shapes
from billing.subscriptions import shown
from core.http.request import Request
from core.http.views import PUBLIC, APIView


class Plans(APIView):
    """The price list."""

    authentication_classes = []
    permissions = {"GET": PUBLIC}

    @extend_schema(operation_id="plans_list", responses=shapes.PlansOut)
    def get(self, request: Request) -> Response:
        """Return the plans that anybody may choose, lowest first."""
        return Response({"items": [shown.plan_out(version, "up") for version in shown.sold_versions()]})
