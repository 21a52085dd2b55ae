"""Who calls the API: the session's member, and proof that the call comes from a page of this host."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, CSRFCheck
from rest_framework.request import Request

import tenancy
from apps.accounts.errors import SecondFactorRequired
from apps.accounts.models import Member
from apps.accounts.sessions import principal_of
from core.acting import become
from core.actor import Actor

_SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")


class MemberAuthentication(BaseAuthentication):
    """Session to member to roles to permissions: ``request.user`` is the Member, ``request.auth`` the Actor.

    Two SQL statements a request. Every unsafe method needs the CSRF token, signed in or not: signing somebody in, too,
    must come from our own page. A view whose client can't send headers (a beacon of a closing page) sets
    ``csrf_in_body = True`` and takes the token as ``csrf`` in its JSON.

    A member who must set up a second factor first reaches only views with ``open_to_locked = True``.
    """

    def authenticate(self, request: Request) -> tuple[Member, Actor] | None:
        """Return member and actor, or None for visitors and on hosts without an organization.

        Raises:
            PermissionDenied: an unsafe method without this page's token.
            SecondFactorRequired: the member must set one up before anything else.
        """
        if tenancy.current_or_none() is None:
            return None
        if request.method not in _SAFE:
            self._enforce_csrf(request)
        found = principal_of(request._request)
        if found is None:
            return None
        if found.actor.support is None:
            become(kind="member", id=found.member.id, name=found.member.name)
        elif found.actor.support.member_id is not None:  # who acts has been said already; here is on whose behalf
            become(on_behalf_of=found.member.id, on_behalf_name=found.member.name)
        view = (request.parser_context or {}).get("view")
        if found.second_factor.state == "required" and not getattr(view, "open_to_locked", False):
            raise SecondFactorRequired
        return found.member, found.actor

    def authenticate_header(self, request: Request) -> str:
        """Name the scheme, so that what is missing is an identity (401) and not a permission (403)."""
        return "Session"

    @staticmethod
    def _enforce_csrf(request: Request) -> None:
        raw = request._request
        context = request.parser_context or {}
        if getattr(context.get("view"), "csrf_in_body", False) and "HTTP_X_CSRFTOKEN" not in raw.META:
            body: Any = request.data
            raw.META["HTTP_X_CSRFTOKEN"] = str(body.get("csrf", "")) if isinstance(body, dict) else ""

        def unanswered(_: HttpRequest) -> HttpResponse:
            raise AssertionError("the check only looks")

        check = CSRFCheck(unanswered)
        check.process_request(raw)
        reason = check.process_view(raw, unanswered, (), {})
        if reason:
            raise exceptions.PermissionDenied(f"CSRF: {reason}")


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself
    """How the OpenAPI document names this authenticator."""

    target_class = MemberAuthentication
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return the cookie that carries the session."""
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}
