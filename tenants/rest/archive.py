"""HTTP of an organization's own exports, in its studio. The rows are the platform's: each view leaves the organization.

Starting one, its link and its file are the owners' alone, after a proof of identity of the last five minutes. They stay
open while the organization waits to be deleted.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

import tenancy
from core.clock import iso
from core.http.request import Request
from core.http.views import APIView
from tenants.archive import services
from tenants.archive.shown import export_json
from tenants.gate import PENDING_DELETION
from tenants.models import ExportJob
from tenants.policies import EXPORT_ORGANIZATION
from tenants.rest import archive_shapes as shapes

_OPEN = frozenset({PENDING_DELETION})


class ExportList(APIView):
    """The organization's exports."""

    permissions = {"GET": EXPORT_ORGANIZATION, "POST": EXPORT_ORGANIZATION}
    open_when = _OPEN

    @extend_schema(operation_id="exports_list", responses=shapes.ExportListOut)
    def get(self, request: Request) -> Response:
        """Return exports under way, ready and past, newest first."""
        organization_id = tenancy.current().id
        with tenancy.platform():
            items = [export_json(job) for job in services.exports(organization_id)]
        return Response({"items": items, "next": None})

    @extend_schema(operation_id="exports_start", request=None, responses={202: shapes.ExportOut})
    def post(self, request: Request) -> Response:
        """Begin an export. Asking while one is under way returns that one."""
        _prove(request)
        organization_id = tenancy.current().id
        with tenancy.platform():
            job, _ = services.ask_export(organization_id, origin=ExportJob.Origin.OWNER)
        return Response(export_json(job), status=status.HTTP_202_ACCEPTED)


class ExportDetail(APIView):
    """One export."""

    permissions = {"GET": EXPORT_ORGANIZATION, "DELETE": EXPORT_ORGANIZATION}
    open_when = _OPEN

    @extend_schema(operation_id="exports_read", responses=shapes.ExportOut)
    def get(self, request: Request, export_id: UUID) -> Response:
        """Return how far it is, or what is in it."""
        organization_id = tenancy.current().id
        with tenancy.platform():
            return Response(export_json(services.export_of(organization_id, export_id)))

    @extend_schema(operation_id="exports_remove", responses={204: None})
    def delete(self, request: Request, export_id: UUID) -> Response:
        """Delete the archive, or call off one that is being made."""
        organization_id = tenancy.current().id
        with tenancy.platform():
            services.remove_export(organization_id, export_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ExportLink(APIView):
    """The one link that opens an archive."""

    permissions = {"POST": EXPORT_ORGANIZATION}
    open_when = _OPEN

    @extend_schema(operation_id="exports_link", request=None, responses={201: shapes.LinkOut})
    def post(self, request: Request, export_id: UUID) -> Response:
        """Make a link for a day. The one before ends."""
        _prove(request)
        organization_id = tenancy.current().id
        with tenancy.platform():
            link = services.make_link(organization_id, export_id)
        body = {"url": link.url, "token": link.token, "expires_at": iso(link.expires_at)}
        return Response(body, status=status.HTTP_201_CREATED)


class ExportFile(APIView):
    """The archive itself, for who has the link."""

    permissions = {"POST": EXPORT_ORGANIZATION}
    open_when = _OPEN

    @extend_schema(operation_id="exports_file", request=shapes.TokenIn, responses=shapes.FileOut)
    def post(self, request: Request, export_id: UUID) -> Response:
        """Return where the store serves the file for the next five minutes."""
        body = shapes.TokenIn(data=request.data)
        body.is_valid(raise_exception=True)
        organization_id = tenancy.current().id
        with tenancy.platform():
            return Response({"url": services.open_link(organization_id, export_id, body.validated_data["token"])})


def _prove(request: Request) -> None:
    """Ask for a proof of identity of the last minutes.

    Raises:
        DomainError: there is none.
    """
    require: Callable[[HttpRequest], None] = import_string(settings.RECENT_PROOF)
    require(request._request)
