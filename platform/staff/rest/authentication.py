"""Who calls the staff API: the browser's staff session. ``request.user`` is nobody here, ever."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from core.acting import become
from core.http.csrf import enforce
from staff.accounts import sessions
from staff.dto import StaffActor
from staff.models import StaffSession


class StaffAuthentication(BaseAuthentication):
    """Cookie to session to account to roles. Every unsafe method needs the page's token, signed in or not.

    ``request.staff_session`` is the browser's session in whatever state; only a signed-in one makes an actor.
    """

    def authenticate(self, request: Request) -> tuple[None, StaffActor] | None:
        """Return the actor, or None for visitors, for whoever is between the factors and on every other host."""
        raw = request._request
        raw.staff_session = None  # type: ignore[attr-defined]
        if getattr(raw, "surface", None) != "staff":
            return None
        enforce(raw)
        session = sessions.of_request(raw)
        raw.staff_session = session  # type: ignore[attr-defined]
        if session is None or session.state != StaffSession.State.SIGNED_IN:
            return None
        actor = sessions.actor_of(session)
        become(kind="staff", id=actor.staff_id, name=actor.name)
        return None, actor

    def authenticate_header(self, request: Request) -> str:
        """Name the scheme, so that what is missing is an identity (401) and not a permission (403)."""
        return "Staff"


class StaffScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # registers itself
    """How the OpenAPI document names this authenticator."""

    target_class = StaffAuthentication
    name = "staff"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return the cookie that carries the session."""
        return {"type": "apiKey", "in": "cookie", "name": sessions.COOKIE}
