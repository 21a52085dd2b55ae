"""Assets, their captions and the storage they take, over HTTP."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from apps.library import links, playing, policies, selectors
from apps.library.errors import CaptionNotFound
from apps.library.models import Asset, CaptionTrack
from apps.library.rest import shapes
from apps.library.rest.serializers import (
    AssetList,
    AssetOut,
    AssetWrite,
    CaptionDetailOut,
    CaptionList,
    CaptionOut,
    CaptionWrite,
    GrantOut,
    StorageOut,
)
from apps.library.services import assets, captions
from billing.api import STORAGE_BYTES, usage
from core.http.pagination import cursor_page
from core.http.preconditions import require_revision
from core.http.request import Request
from core.http.views import SIGNED_IN, APIView

_FILTERS = [
    OpenApiParameter("kind", enum=["video", "audio"]),
    OpenApiParameter("state", enum=["uploading", "processing", "playable", "ready", "failed"]),
    OpenApiParameter("q", description="Words of the title."),
    OpenApiParameter("cursor"),
]


class AssetCollection(APIView):
    """The library."""

    permissions = {"GET": policies.VIEW}

    @extend_schema(operation_id="assets_list", parameters=_FILTERS, responses=AssetList)
    def get(self, request: Request) -> Response:
        """Newest first."""
        rows = Asset.objects.kept()
        if kind := request.query_params.get("kind"):
            rows = rows.filter(kind=kind)
        if state := request.query_params.get("state"):
            rows = rows.filter(state=state)
        if words := request.query_params.get("q", "").strip():
            rows = rows.filter(title__icontains=words[:100])
        return cursor_page(request, rows, order=("-created_at", "-id"), serialize=shapes.assets)


class AssetDetail(APIView):
    """One asset."""

    permissions = {"GET": policies.VIEW, "PATCH": policies.EDIT, "DELETE": policies.EDIT}

    @extend_schema(operation_id="asset_read", responses=AssetOut)
    def get(self, request: Request, asset_id: UUID) -> Response:
        """The asset, how far its conversion is, and why a stage failed."""
        return Response(shapes.asset(assets.get_asset(asset_id)))

    @extend_schema(operation_id="asset_rename", request=AssetWrite, responses=AssetOut)
    def patch(self, request: Request, asset_id: UUID) -> Response:
        """Give it another title. With ``If-Match`` only over the revision one has seen."""
        body = AssetWrite(data=request.data)
        body.is_valid(raise_exception=True)
        expected = require_revision(request) if "If-Match" in request.headers else None
        row = assets.rename_asset(asset_id, title=body.validated_data["title"], expected_revision=expected)
        return Response(shapes.asset(row))

    @extend_schema(operation_id="asset_delete", responses={204: None})
    def delete(self, request: Request, asset_id: UUID) -> Response:
        """Delete it, unless a lesson shows it."""
        assets.delete_asset(asset_id)
        return Response(status=204)


class AssetRetry(APIView):
    """Another try at what failed."""

    permissions = {"POST": policies.EDIT}

    @extend_schema(operation_id="asset_retry", request=None, responses={202: AssetOut})
    def post(self, request: Request, asset_id: UUID) -> Response:
        """Convert it again."""
        return Response(shapes.asset(assets.retry_asset(asset_id)), status=202)


class AssetGrant(APIView):
    """Leave to play an asset in the studio."""

    permissions = {"POST": policies.VIEW}
    open_when = frozenset({"frozen"})

    @extend_schema(operation_id="asset_grant", request=None, responses=GrantOut)
    def post(self, request: Request, asset_id: UUID) -> Response:
        """Sign ten minutes of playing; the answer sets the cookies."""
        asset = assets.get_asset(asset_id)
        grant = playing.grant_for_preview(
            member_id=request.actor.member_id, asset_id=asset.id, ip=request.META.get("REMOTE_ADDR", "")
        )
        response = Response(playing.grant_body(grant))
        playing.set_grant_cookies(response, grant)
        return response


class PlaybackRenewal(APIView):
    """The next ten minutes of a playback session."""

    permissions = {"POST": SIGNED_IN}
    open_when = frozenset({"frozen"})

    @extend_schema(operation_id="playback_session_renew", request=None, responses=GrantOut)
    def post(self, request: Request, sid: UUID) -> Response:
        """Sign again, if the right to play still holds."""
        grant = playing.renew(sid, actor=request.actor)
        response = Response(playing.grant_body(grant))
        playing.set_grant_cookies(response, grant)
        return response


class CaptionCollection(APIView):
    """The caption tracks of an asset."""

    permissions = {"GET": policies.VIEW, "POST": policies.EDIT}

    @extend_schema(operation_id="asset_captions_list", responses=CaptionList)
    def get(self, request: Request, asset_id: UUID) -> Response:
        """The default first."""
        asset = assets.get_asset(asset_id)
        timelines = selectors.latest_timelines([asset.id])
        found = selectors.captions_of(timelines.values())
        rows = found.get(timelines[asset.id].id, ()) if timelines else ()
        return Response({"items": [shapes.caption(row) for row in rows], "next": None})

    @extend_schema(operation_id="asset_caption_add", request=CaptionWrite, responses={201: CaptionOut})
    def post(self, request: Request, asset_id: UUID) -> Response:
        """Add captions in WebVTT or SubRip. Markup, styles and positions are dropped."""
        body = CaptionWrite(data=request.data)
        body.is_valid(raise_exception=True)
        track = captions.add_captions(asset=assets.get_asset(asset_id), **body.validated_data)
        return Response(shapes.caption(track), status=201)


class CaptionDetail(APIView):
    """One caption track."""

    permissions = {"GET": policies.VIEW, "DELETE": policies.EDIT}

    @extend_schema(operation_id="asset_caption_read", responses=CaptionDetailOut)
    def get(self, request: Request, asset_id: UUID, caption_id: UUID) -> Response:
        """Its text, whole and cue by cue."""
        return Response(shapes.caption_detail(captions.get_captions(assets.get_asset(asset_id), caption_id)))

    @extend_schema(operation_id="asset_caption_delete", responses={204: None})
    def delete(self, request: Request, asset_id: UUID, caption_id: UUID) -> Response:
        """Delete the track."""
        captions.delete_captions(assets.get_asset(asset_id), caption_id)
        return Response(status=204)


class CaptionText(APIView):
    """A caption track as players read it."""

    permissions = {"GET": SIGNED_IN}

    @extend_schema(
        operation_id="caption_text",
        parameters=[OpenApiParameter("t", description="The token of the link that was handed out.")],
        responses={(200, "text/vtt"): OpenApiTypes.STR},
    )
    def get(self, request: Request, caption_id: UUID) -> HttpResponse:
        """WebVTT. Who may not see the library needs the link that came with the lesson."""
        if not request.actor.can(policies.VIEW) and not links.opens(request.query_params.get("t", ""), caption_id):
            raise CaptionNotFound
        text = CaptionTrack.objects.filter(id=caption_id).values_list("text_vtt", flat=True).first()
        if text is None:
            raise CaptionNotFound
        response = HttpResponse(text, content_type="text/vtt; charset=utf-8")
        response["Cache-Control"] = "private, max-age=300"
        return response


class Storage(APIView):
    """How much the organization stores."""

    permissions = {"GET": policies.VIEW}

    @extend_schema(operation_id="storage_read", responses=StorageOut)
    def get(self, request: Request) -> Response:
        """Sources and encodes in bytes."""
        found = usage(STORAGE_BYTES)
        return Response({"used_bytes": found.used, "reserved_bytes": found.reserved, "limit_bytes": found.limit})
