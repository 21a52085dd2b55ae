"""The one base view. A method without a declared permission is refused: default deny."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.views import APIView as DRFAPIView

from core.actor import Actor
from core.http.permissions import PUBLIC, SIGNED_IN

__all__ = ["PUBLIC", "SIGNED_IN", "APIView"]


class APIView(DRFAPIView):
    """A resource path. ``permissions`` maps each HTTP method it serves to what the actor must hold.

    Values: ``PUBLIC`` (anyone), ``SIGNED_IN`` (any member) or a permission such as ``"courses.edit"``.
    ``request.actor`` is the signed-in :class:`core.actor.Actor`, or ``None`` on public methods.
    """

    permissions: ClassVar[dict[str, str]] = {}
    # Permissions are decided in ``initial`` below; DRF's own list would be a second, silent rule.
    permission_classes: ClassVar[list[Any]] = []

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Authenticate, then hold the actor against this method's declared permission."""
        super().initial(request, *args, **kwargs)
        actor = request.auth if isinstance(request.auth, Actor) else None
        request.actor = actor  # type: ignore[attr-defined]
        if request.method == "OPTIONS":
            return
        needed = self.permissions.get(self._rule_method(request))
        if needed is None:
            raise exceptions.MethodNotAllowed(request.method or "")
        if needed == PUBLIC:
            return
        if actor is None:
            raise exceptions.NotAuthenticated
        if needed != SIGNED_IN and not actor.can(needed):
            raise exceptions.PermissionDenied

    @staticmethod
    def _rule_method(request: Request) -> str:
        return "GET" if request.method == "HEAD" else request.method or ""
