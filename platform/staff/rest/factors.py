"""One's own factors and sessions."""

from __future__ import annotations

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

from core.errors import NotFound
from core.http.request import Request
from staff.accounts import factors, passkeys, sessions, signing_in, totp
from staff.rest.serializers.accounts import (
    CodeIn,
    DeviceList,
    FactorsOut,
    PasskeyIn,
    PasskeyMadeOut,
    PublicKeyOptions,
    RecoveryCodesOut,
    TotpStartOut,
    device_out,
    factors_out,
    passkey_out,
)
from staff.rest.views import ENROLMENT, SIGNED_IN, StaffAPIView, session_of

_POST = frozenset({"POST"})


class FactorList(StaffAPIView):
    """The account's factors."""

    permissions = {"GET": SIGNED_IN}

    @extend_schema(operation_id="factors_get", responses=FactorsOut)
    def get(self, request: Request) -> Response:
        """Return which factors there are, and how many recovery codes are left."""
        return Response(factors_out(session_of(request).account))


class TotpStart(StaffAPIView):
    """A new authenticator app."""

    permissions = {"POST": ENROLMENT}
    recent_proof = _POST

    @extend_schema(operation_id="factors_totp_start", request=None, responses=TotpStartOut)
    def post(self, request: Request) -> Response:
        """Make a seed that waits for its first code. What was set up before goes on until then."""
        account = session_of(request).account
        seed = totp.begin(account)
        url = totp.otpauth_url(account, seed)
        return Response({"secret": seed, "otpauth_url": url, "qr_svg": totp.qr_svg(url)})


class TotpConfirmation(StaffAPIView):
    """The first code of the new app."""

    permissions = {"POST": ENROLMENT}
    recent_proof = _POST

    @extend_schema(operation_id="factors_totp_confirm", request=CodeIn, responses=RecoveryCodesOut)
    def post(self, request: Request) -> Response:
        """Take the code. The first factor of an account brings its recovery codes and opens the console."""
        body = CodeIn(data=request.data)
        body.is_valid(raise_exception=True)
        session = session_of(request)
        signing_in.factor_guess(session, sessions.place_of(request._request))
        step = factors.confirm_totp(session, body.validated_data["code"])
        response = Response({"recovery_codes": list(step.recovery_codes)})
        if step.token is not None:
            sessions.set_cookie(response, step.token)
        return response


class PasskeyOptions(StaffAPIView):
    """What the browser needs to make a passkey."""

    permissions = {"POST": ENROLMENT}
    recent_proof = _POST

    @extend_schema(operation_id="factors_passkey_options", request=None, responses=PublicKeyOptions)
    def post(self, request: Request) -> Response:
        """Make a challenge for this session."""
        return Response(passkeys.making_options(session_of(request)))


class PasskeyList(StaffAPIView):
    """The account's passkeys."""

    permissions = {"POST": ENROLMENT}
    recent_proof = _POST

    @extend_schema(operation_id="factors_passkey_add", request=PasskeyIn, responses={201: PasskeyMadeOut})
    def post(self, request: Request) -> Response:
        """Keep the passkey that the browser made."""
        body = PasskeyIn(data=request.data)
        body.is_valid(raise_exception=True)
        made, step = factors.add_passkey(session_of(request), **body.validated_data)
        shown = {**passkey_out(made), "recovery_codes": list(step.recovery_codes)}
        response = Response(shown, status=status.HTTP_201_CREATED)
        if step.token is not None:
            sessions.set_cookie(response, step.token)
        return response


class PasskeyDetail(StaffAPIView):
    """One passkey."""

    permissions = {"DELETE": SIGNED_IN}
    recent_proof = frozenset({"DELETE"})

    @extend_schema(operation_id="factors_passkey_remove", responses={204: None})
    def delete(self, request: Request, passkey_id: UUID) -> Response:
        """Forget it. The last factor stays."""
        factors.remove_passkey(session_of(request), passkey_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class RecoveryCodes(StaffAPIView):
    """The account's recovery codes."""

    permissions = {"POST": SIGNED_IN}
    recent_proof = _POST

    @extend_schema(operation_id="factors_recovery_codes_renew", request=None, responses=RecoveryCodesOut)
    def post(self, request: Request) -> Response:
        """Make ten new ones; the old ones are void."""
        return Response({"recovery_codes": list(factors.renew_recovery_codes(session_of(request)))})


class SessionList(StaffAPIView):
    """Where the person is signed in."""

    permissions = {"GET": SIGNED_IN}

    @extend_schema(operation_id="sessions_list", responses=DeviceList)
    def get(self, request: Request) -> Response:
        """Return every browser, the latest used first."""
        mine = session_of(request)
        return Response({"items": [device_out(row, mine) for row in sessions.open_of(mine.account_id)]})


class SessionDetail(StaffAPIView):
    """One of them."""

    permissions = {"DELETE": SIGNED_IN}

    @extend_schema(operation_id="sessions_end", responses={204: None})
    def delete(self, request: Request, session_id: UUID) -> Response:
        """End it: its next request is refused."""
        if not sessions.end(session_id, account_id=session_of(request).account_id):
            raise NotFound
        return Response(status=status.HTTP_204_NO_CONTENT)
