"""HTTP of an organization's hosts, in its studio. Hosts are the platform's rows: each view leaves the organization."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

import tenancy
from core.http.request import Request
from core.http.views import APIView
from tenancy.hosts import public_url
from tenants import limits
from tenants.domains import address, custom
from tenants.domains.allowance import allowance
from tenants.domains.mails import SETTINGS_PATH
from tenants.policies import MANAGE_DOMAINS
from tenants.rest import domain_shapes as shapes

PREVIEWS_AN_HOUR = 600  # one a keystroke
CHANGES_AN_HOUR = 60


class DomainList(APIView):
    """The address and the custom domains."""

    permissions = {"GET": MANAGE_DOMAINS, "POST": MANAGE_DOMAINS}

    @extend_schema(operation_id="domains_list", responses=shapes.DomainsOut)
    def get(self, request: Request) -> Response:
        """Return every host of the organization, and what DNS must show for those on their way."""
        organization_id = tenancy.current().id
        with tenancy.platform():
            return Response(_all(organization_id))

    @extend_schema(operation_id="domain_claim", request=shapes.DomainIn, responses={201: shapes.DomainOut})
    def post(self, request: Request) -> Response:
        """Begin to use a domain. Sending the same name again returns the claim that is there."""
        body = shapes.DomainIn(data=request.data)
        body.is_valid(raise_exception=True)
        organization_id = tenancy.current().id
        with tenancy.platform():
            limits.count(kind="domain-claim", subject=str(organization_id), limit=CHANGES_AN_HOUR)
            made = custom.claim(organization_id, body.validated_data["host"])
            return Response(shapes.domain_out(made), status=status.HTTP_201_CREATED)


class DomainDetail(APIView):
    """One custom domain."""

    permissions = {"GET": MANAGE_DOMAINS, "DELETE": MANAGE_DOMAINS}

    @extend_schema(operation_id="domain_read", responses=shapes.DomainOut)
    def get(self, request: Request, domain_id: UUID) -> Response:
        """Return the domain as it was at the last look."""
        organization_id = tenancy.current().id
        with tenancy.platform():
            return Response(shapes.domain_out(custom.get(organization_id, domain_id)))

    @extend_schema(operation_id="domain_release", responses={204: None})
    def delete(self, request: Request, domain_id: UUID) -> Response:
        """Let the domain go; it leads nowhere at once."""
        organization_id = tenancy.current().id
        with tenancy.platform():
            custom.require_custom(organization_id, domain_id)
            custom.release(organization_id, domain_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class DomainCheck(APIView):
    """A look at DNS."""

    permissions = {"POST": MANAGE_DOMAINS}

    @extend_schema(operation_id="domain_check", request=None, responses=shapes.DomainOut)
    def post(self, request: Request, domain_id: UUID) -> Response:
        """Look now. Takes some seconds where name servers are slow."""
        organization_id = tenancy.current().id
        with tenancy.platform():
            return Response(shapes.domain_out(custom.check_now(organization_id, domain_id)))


class Primary(APIView):
    """The host that pages and mails name."""

    permissions = {"PUT": MANAGE_DOMAINS}

    @extend_schema(operation_id="domain_make_primary", request=shapes.PrimaryIn, responses=shapes.DomainsOut)
    def put(self, request: Request) -> Response:
        """Make one host the primary one. Pages of every other host lead to it from now on."""
        body = shapes.PrimaryIn(data=request.data)
        body.is_valid(raise_exception=True)
        organization_id = tenancy.current().id
        with tenancy.platform():
            custom.make_primary(organization_id, body.validated_data["id"])
            return Response(_all(organization_id))


class AddressPreview(APIView):
    """Whether a name can be the address, and what taking it would do."""

    permissions = {"GET": MANAGE_DOMAINS}

    @extend_schema(operation_id="address_preview", responses=shapes.AddressPreviewOut)
    def get(self, request: Request, slug: str) -> Response:
        """Return what would happen. Nothing is held."""
        organization_id = tenancy.current().id
        with tenancy.platform():
            limits.count(kind="slug", subject=str(organization_id), limit=PREVIEWS_AN_HOUR)
            return Response(asdict(address.preview(organization_id, slug[:80])))


class Address(APIView):
    """The organization's address under the platform's suffix."""

    permissions = {"PUT": MANAGE_DOMAINS}

    @extend_schema(operation_id="address_rename", request=shapes.AddressIn, responses=shapes.RenamedOut)
    def put(self, request: Request) -> Response:
        """Take another address. The one before redirects for a year."""
        body = shapes.AddressIn(data=request.data)
        body.is_valid(raise_exception=True)
        organization_id = tenancy.current().id
        with tenancy.platform():
            limits.count(kind="rename", subject=str(organization_id), limit=CHANGES_AN_HOUR)
            new = address.rename(organization_id, body.validated_data["slug"])
            return Response(
                {
                    "address": shapes.address_out(new),
                    "sign_in_url": public_url(new.host, SETTINGS_PATH) if new.is_primary else None,
                }
            )


def _all(organization_id: UUID) -> dict[str, Any]:
    return {
        "address": shapes.address_out(address.current(organization_id)),
        "items": [shapes.domain_out(row) for row in custom.open_domains(organization_id)],
        "limit": allowance().limit(organization_id),
        "target": settings.DOMAIN_TARGET,
    }
