"""Reports over HTTP: first steps and usage."""

from __future__ import annotations

from dataclasses import asdict

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from apps.reports import policies, selectors, services
from apps.reports.rest.serializers import FirstRunOut, UsageOut
from core.http.request import Request
from core.http.views import APIView


class FirstRun(APIView):
    """How far the organization is with its first steps."""

    permissions = {"GET": policies.VIEW_FIRST_RUN}

    @extend_schema(operation_id="first_run_read", responses=FirstRunOut)
    def get(self, request: Request) -> Response:
        """Return each step and when it was first done."""
        return Response(asdict(selectors.first_run()))


class FirstRunDismissal(APIView):
    """Whether the first steps are put away, for everybody of the organization."""

    permissions = {"PUT": policies.MANAGE_FIRST_RUN, "DELETE": policies.MANAGE_FIRST_RUN}

    @extend_schema(operation_id="first_run_dismiss", request=None, responses=FirstRunOut)
    def put(self, request: Request) -> Response:
        """Put the list away. Steps are still noticed."""
        services.dismiss()
        return Response(asdict(selectors.first_run()))

    @extend_schema(operation_id="first_run_reopen", responses=FirstRunOut)
    def delete(self, request: Request) -> Response:
        """Show the list again."""
        services.reopen()
        return Response(asdict(selectors.first_run()))


class Usage(APIView):
    """What the organization uses."""

    permissions = {"GET": policies.VIEW_USAGE}

    @extend_schema(operation_id="usage_read", responses=UsageOut)
    def get(self, request: Request) -> Response:
        """Return meters, storage by kind and by course, and the last twelve months."""
        return Response(asdict(selectors.usage()))
