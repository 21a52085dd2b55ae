"""HTTP of the site host. Nobody is signed in here: a sign-up is named by its token."""

from __future__ import annotations

from dataclasses import asdict

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

from core.http.client import client_ip, network_of
from core.http.request import Request
from core.http.views import PUBLIC, APIView
from tenants import hand_over, limits, sign_up
from tenants.rest import serializers as shapes


class SiteView(APIView):
    """A view without sessions."""

    authentication_classes = []


class Slug(SiteView):
    permissions = {"GET": PUBLIC}

    @extend_schema(operation_id="slug_availability", responses=shapes.AvailabilityOut)
    def get(self, request: Request, slug: str) -> Response:
        limits.count(kind="slug", subject=_ip(request), limit=600)
        return Response(asdict(sign_up.availability(slug[:80])))


class Terms(SiteView):
    permissions = {"GET": PUBLIC}

    @extend_schema(operation_id="terms", responses=shapes.TermsOut)
    def get(self, request: Request) -> Response:
        return Response({"version": sign_up.TERMS_VERSION, "url": "/terms"})


class SignUps(SiteView):
    permissions = {"POST": PUBLIC}

    @extend_schema(operation_id="sign_up_start", request=shapes.SignUpIn, responses={201: shapes.StartedOut})
    def post(self, request: Request) -> Response:
        body = shapes.SignUpIn(data=request.data)
        body.is_valid(raise_exception=True)
        started = sign_up.start(**body.validated_data, ip=_ip(request))
        return Response(asdict(started), status=status.HTTP_201_CREATED)


class SignUpDetail(SiteView):
    permissions = {"GET": PUBLIC}

    @extend_schema(operation_id="sign_up_status", responses=shapes.SignUpStatusOut)
    def get(self, request: Request, token: str) -> Response:
        return Response(sign_up.status(token))


class SignUpCode(SiteView):
    permissions = {"POST": PUBLIC}

    @extend_schema(operation_id="sign_up_verify", request=shapes.CodeIn, responses={202: shapes.SignUpStatusOut})
    def post(self, request: Request, token: str) -> Response:
        body = shapes.CodeIn(data=request.data)
        body.is_valid(raise_exception=True)
        sign_up.verify(token, body.validated_data["code"])
        return Response(sign_up.status(token), status=status.HTTP_202_ACCEPTED)


class SignUpCodeResend(SiteView):
    permissions = {"POST": PUBLIC}

    @extend_schema(operation_id="sign_up_resend", request=None, responses={202: shapes.ResentOut})
    def post(self, request: Request, token: str) -> Response:
        return Response({"resend_at": sign_up.resend_code(token)}, status=status.HTTP_202_ACCEPTED)


class SignUpHandOver(SiteView):
    permissions = {"POST": PUBLIC}

    @extend_schema(operation_id="sign_up_hand_over", request=shapes.HandOverIn, responses={201: shapes.HandOverOut})
    def post(self, request: Request, token: str) -> Response:
        body = shapes.HandOverIn(data=request.data)
        body.is_valid(raise_exception=True)
        prepared = hand_over.prepare(token, nonce_sha256=body.validated_data["nonce_hash"])
        return Response(asdict(prepared), status=status.HTTP_201_CREATED)


def _ip(request: Request) -> str:
    """Return the caller's network as the front door saw it; the front door drops what callers claim."""
    return network_of(client_ip(request))
