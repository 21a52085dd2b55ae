"""The brand over HTTP."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from apps.accounts.api import member_with_id
from apps.branding import images, mails, policies, selectors, services
from apps.branding.imaging.limits import USES
from apps.branding.rest.parsers import PICTURE_PARSERS
from apps.branding.rest.serializers import (
    BrandImageOut,
    BrandOut,
    BrandWrite,
    SampleMailOut,
    VersionsOut,
    brand_out,
    image_out,
    version_out,
)
from core.errors import ValidationFailed
from core.http.preconditions import require_revision
from core.http.request import Request
from core.http.views import APIView

# A mail carries its styles on its elements; nothing else of it does anything, and only our own pages may frame it.
_MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'self'; sandbox"


def _now() -> Response:
    return Response(brand_out(selectors.published(), selectors.draft()))


class BrandDetail(APIView):
    """The organization's brand: what is published, and the draft."""

    permissions = {"GET": policies.VIEW, "PUT": policies.MANAGE, "DELETE": policies.MANAGE}

    @extend_schema(operation_id="brand_read", responses=BrandOut)
    def get(self, request: Request) -> Response:
        """Return both looks with every variable they were solved to."""
        return _now()

    @extend_schema(operation_id="brand_save_draft", request=BrandWrite, responses=BrandOut)
    def put(self, request: Request) -> Response:
        """Save the whole draft. Nobody but those who edit it sees it."""
        revision = require_revision(request)
        body = BrandWrite(data=request.data)
        body.is_valid(raise_exception=True)
        services.save_draft(body.content(), expected_revision=revision)
        return _now()

    @extend_schema(operation_id="brand_discard_draft", responses=BrandOut)
    def delete(self, request: Request) -> Response:
        """Throw the draft away."""
        services.discard_draft(expected_revision=require_revision(request))
        return _now()


class BrandPublication(APIView):
    """The act of publishing."""

    permissions = {"POST": policies.MANAGE}

    @extend_schema(operation_id="brand_publish", request=None, responses=BrandOut)
    def post(self, request: Request) -> Response:
        """Make the draft what everybody sees from the next page and the next mail on."""
        services.publish_draft(expected_revision=require_revision(request), actor_id=request.actor.member_id)
        return _now()


class BrandVersions(APIView):
    """Earlier looks."""

    permissions = {"GET": policies.MANAGE}

    @extend_schema(operation_id="brand_versions", responses=VersionsOut)
    def get(self, request: Request) -> Response:
        """Return them, the latest first."""
        return Response({"items": [version_out(brand) for brand in selectors.versions()]})


class BrandRestoration(APIView):
    """Bringing an earlier look back."""

    permissions = {"POST": policies.MANAGE}

    @extend_schema(operation_id="brand_restore", request=None, responses=BrandOut)
    def post(self, request: Request, version_id: UUID) -> Response:
        """Make it the draft; publishing it is another step."""
        services.restore_version(version_id, expected_revision=require_revision(request))
        return _now()


class BrandImages(APIView):
    """Pictures of the brand."""

    permissions = {"POST": policies.MANAGE}
    parser_classes = PICTURE_PARSERS

    @extend_schema(
        operation_id="brand_add_image",
        parameters=[OpenApiParameter("use", str, required=True, enum=list(USES))],
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses={201: BrandImageOut},
    )
    def post(self, request: Request) -> Response:
        """Draw a PNG, JPEG, WebP or SVG of at most 5 MB for one use. It is in no look until a draft names it."""
        use = request.query_params.get("use", "")
        if use not in USES:
            raise ValidationFailed(errors={"use": "Say what the picture is for."})
        return Response(image_out(images.add_image(_bytes(request.data), use)), status=201)


class BrandMail(APIView):
    """What a mail looks like in the draft's look."""

    permissions = {"GET": policies.VIEW}

    @extend_schema(operation_id="brand_mail", responses=SampleMailOut)
    def get(self, request: Request) -> Response:
        """Return subject and sender of an invitation."""
        found = asdict(mails.sample(inviter=_name(request)))
        found.pop("html")
        return Response(found)


class BrandMailPage(APIView):
    """The body of that mail, for a frame in the studio."""

    permissions = {"GET": policies.VIEW}

    @extend_schema(operation_id="brand_mail_page", responses={(200, "text/html"): OpenApiTypes.STR})
    def get(self, request: Request) -> HttpResponse:
        """Return it as a page that runs nothing."""
        page = HttpResponse(mails.sample(inviter=_name(request)).html)
        page["Content-Security-Policy"] = _MAIL_POLICY
        page["X-Frame-Options"] = "SAMEORIGIN"
        return page


def _name(request: Request) -> str:
    member = member_with_id(request.actor.member_id)
    return member.name if member else ""


def _bytes(body: object) -> bytes:
    """A request without a body has no parsed one either."""
    return body if isinstance(body, bytes) else b""
