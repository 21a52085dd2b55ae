"""Signing in: the password, then a factor, then the console."""

from __future__ import annotations

from collections.abc import Callable

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

from core.errors import DomainError
from core.http.request import Request
from staff.accounts import passkeys, people, recovery, sessions, signing_in, totp
from staff.accounts.signing_in import Step
from staff.errors import CodeRefused, PasskeyRefused
from staff.models import StaffSession
from staff.rest.serializers.accounts import (
    CodeIn,
    CredentialIn,
    PasswordIn,
    PublicKeyOptions,
    SessionOut,
    SetUpOut,
    SignInIn,
    session_out,
)
from staff.rest.views import PUBLIC, SECOND_FACTOR, StaffAPIView, session_of


def answer(request: Request, step: Step, code: int = status.HTTP_200_OK) -> Response:
    """Return where the browser stands now, and hand it its new token where it got one."""
    session = step.session
    fresh = sessions.proved_recently(session)
    response = Response(session_out(request._request, session, proof_fresh=fresh), status=code)
    if step.token is not None:
        sessions.set_cookie(response, step.token)
    return response


class SessionView(StaffAPIView):
    """This browser's session."""

    permissions = {"GET": PUBLIC, "POST": PUBLIC, "DELETE": PUBLIC}

    @extend_schema(operation_id="session_get", responses=SessionOut)
    def get(self, request: Request) -> Response:
        """Return where this browser stands: signed out, between the factors, or in."""
        session: StaffSession | None = request._request.staff_session  # type: ignore[attr-defined]
        fresh = session is not None and sessions.proved_recently(session)
        return Response(session_out(request._request, session, proof_fresh=fresh))

    @extend_schema(operation_id="session_begin", request=SignInIn, responses=SessionOut)
    def post(self, request: Request) -> Response:
        """Give address and password. Until a factor is proved, the session opens the factor endpoints only."""
        body = SignInIn(data=request.data)
        body.is_valid(raise_exception=True)
        old: StaffSession | None = request._request.staff_session  # type: ignore[attr-defined]
        step = signing_in.enter(**body.validated_data, place=sessions.place_of(request._request))
        if old is not None:
            sessions.end(old.id, account_id=old.account_id)
        return answer(request, step)

    @extend_schema(operation_id="session_end", responses={204: None})
    def delete(self, request: Request) -> Response:
        """Sign out. Safe to repeat."""
        session: StaffSession | None = request._request.staff_session  # type: ignore[attr-defined]
        if session is not None:
            sessions.end(session.id, account_id=session.account_id)
        response = Response(status=status.HTTP_204_NO_CONTENT)
        sessions.drop_cookie(response)
        return response


class _Factor(StaffAPIView):
    """Proves a factor: signs in between the factors, and renews the proof of whoever is in."""

    permissions = {"POST": SECOND_FACTOR}

    def prove(self, request: Request, by: str, fits: Callable[[StaffSession], bool], wrong: DomainError) -> Response:
        """Go on where ``fits`` says so, else refuse with ``wrong``; every try counts."""
        session = session_of(request)
        signing_in.factor_guess(session, sessions.place_of(request._request))
        if not fits(session):
            signing_in.refused(session, by=by)
            raise wrong
        return answer(request, signing_in.proved(session, by=by))


class SessionTotp(_Factor):
    """A code of the authenticator app."""

    @extend_schema(operation_id="session_totp", request=CodeIn, responses=SessionOut)
    def post(self, request: Request) -> Response:
        """Give the code that the app shows. Each opens once."""
        body = CodeIn(data=request.data)
        body.is_valid(raise_exception=True)
        code = body.validated_data["code"]
        return self.prove(request, "totp", lambda session: totp.verify(session.account, code), CodeRefused())


class SessionRecovery(_Factor):
    """A recovery code."""

    @extend_schema(operation_id="session_recovery", request=CodeIn, responses=SessionOut)
    def post(self, request: Request) -> Response:
        """Give one of the codes that were kept for this. It opens once."""
        body = CodeIn(data=request.data)
        body.is_valid(raise_exception=True)
        code = body.validated_data["code"]
        return self.prove(request, "recovery", lambda session: recovery.spend(session.account, code), CodeRefused())


class SessionPasskeyOptions(StaffAPIView):
    """What the browser needs to ask for a passkey."""

    permissions = {"POST": SECOND_FACTOR}

    @extend_schema(operation_id="session_passkey_options", request=None, responses=PublicKeyOptions)
    def post(self, request: Request) -> Response:
        """Make a challenge for this session. It lasts five minutes and is answered once."""
        return Response(passkeys.asking_options(session_of(request)))


class SessionPasskey(_Factor):
    """A passkey's answer."""

    @extend_schema(operation_id="session_passkey", request=CredentialIn, responses=SessionOut)
    def post(self, request: Request) -> Response:
        """Give what the passkey answered to this session's challenge."""
        body = CredentialIn(data=request.data)
        body.is_valid(raise_exception=True)
        credential = body.validated_data["credential"]
        return self.prove(request, "passkey", lambda session: passkeys.verify(session, credential), PasskeyRefused())


class SetUpLinkView(StaffAPIView):
    """The link by which an account gets its password."""

    permissions = {"GET": PUBLIC, "POST": PUBLIC}

    @extend_schema(operation_id="set_up_link_get", responses=SetUpOut)
    def get(self, request: Request, token: str) -> Response:
        """Return whose link it is."""
        account = people.link_for(token)
        return Response({"name": account.name, "email": account.email})

    @extend_schema(operation_id="set_up_link_use", request=PasswordIn, responses={201: SessionOut})
    def post(self, request: Request, token: str) -> Response:
        """Set the password, once. The browser goes on to make its first factor."""
        body = PasswordIn(data=request.data)
        body.is_valid(raise_exception=True)
        step = people.set_up(token, place=sessions.place_of(request._request), **body.validated_data)
        return answer(request, step, status.HTTP_201_CREATED)
