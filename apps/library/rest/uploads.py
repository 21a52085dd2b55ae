"""Uploads over HTTP: the browser puts parts straight into the object store, we sign, list and complete."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from apps.library import policies
from apps.library.rest import shapes
from apps.library.rest.serializers import AssetOut, PartsWrite, SignedPartList, UploadList, UploadOut, UploadWrite
from apps.library.services import assets
from core.http.request import Request
from core.http.views import APIView
from media import api as media


class UploadCollection(APIView):
    """The uploads under way of whoever asks."""

    permissions = {"GET": policies.UPLOAD, "POST": policies.UPLOAD}

    @extend_schema(operation_id="uploads_list", responses=UploadList)
    def get(self, request: Request) -> Response:
        """Newest first, with the parts that have arrived."""
        rows = media.mine(request.actor.member_id)
        return Response({"items": [shapes.upload(row) for row in rows], "next": None})

    @extend_schema(operation_id="upload_open", request=UploadWrite, responses={200: UploadOut, 201: UploadOut})
    def post(self, request: Request) -> Response:
        """Reserve the bytes and open an upload. The same file of the same member goes on where it was (200)."""
        body = UploadWrite(data=request.data)
        body.is_valid(raise_exception=True)
        info, is_new = assets.start_upload(member_id=request.actor.member_id, **body.validated_data)
        return Response(shapes.upload(info), status=201 if is_new else 200)


class UploadDetail(APIView):
    """One upload."""

    permissions = {"GET": policies.UPLOAD, "DELETE": policies.UPLOAD}

    @extend_schema(operation_id="upload_read", responses=UploadOut)
    def get(self, request: Request, upload_id: UUID) -> Response:
        """What has arrived of it."""
        return Response(shapes.upload(media.get(upload_id, member_id=request.actor.member_id)))

    @extend_schema(operation_id="upload_cancel", responses={204: None})
    def delete(self, request: Request, upload_id: UUID) -> Response:
        """Give it up and its bytes back."""
        assets.cancel_upload(upload_id, member_id=request.actor.member_id)
        return Response(status=204)


class UploadParts(APIView):
    """Where to put parts."""

    permissions = {"POST": policies.UPLOAD}

    @extend_schema(operation_id="upload_sign_parts", request=PartsWrite, responses=SignedPartList)
    def post(self, request: Request, upload_id: UUID) -> Response:
        """URLs that take exactly these bytes, for 15 minutes."""
        body = PartsWrite(data=request.data)
        body.is_valid(raise_exception=True)
        signed = media.sign_parts(
            upload_id,
            member_id=request.actor.member_id,
            parts=[(part["number"], part["sha256"]) for part in body.validated_data["parts"]],
        )
        items = [{"number": part.number, "url": part.url, "headers": part.headers} for part in signed]
        return Response({"items": items})


class UploadCompletion(APIView):
    """The end of an upload."""

    permissions = {"POST": policies.UPLOAD}

    @extend_schema(operation_id="upload_complete", request=None, responses=AssetOut)
    def post(self, request: Request, upload_id: UUID) -> Response:
        """Put the parts together, verify, and take the asset into work. Safe to repeat."""
        return Response(shapes.asset(assets.finish_upload(upload_id, member_id=request.actor.member_id)))
