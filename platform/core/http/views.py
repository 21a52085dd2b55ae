"""The one base view. A method without a declared permission is refused: default deny."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpRequest
from rest_framework import exceptions
from rest_framework.views import APIView as DRFAPIView

from core.http.permissions import PUBLIC, SIGNED_IN
from core.http.request import Request

__all__ = ["PUBLIC", "SIGNED_IN", "APIView"]


class APIView(DRFAPIView):
    """A resource path. ``permissions`` maps each HTTP method it serves to what the actor must hold.

    Values: ``PUBLIC`` (anyone), ``SIGNED_IN`` (any member) or a permission such as ``"courses.edit"``.
    Requests are :class:`core.http.request.Request`: ``request.actor`` is who acts.
    """

    permissions: ClassVar[dict[str, str]] = {}
    # Permissions are decided in ``initial`` below; DRF's own list would be a second, silent rule.
    permission_classes = []

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        """Wrap Django's request in ours."""
        context = self.get_parser_context(request)
        return Request(
            request,
            parsers=self.get_parsers(),
            authenticators=self.get_authenticators(),
            negotiator=self.get_content_negotiator(),
            parser_context=context,
        )

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Authenticate, then hold the actor against this method's declared permission."""
        super().initial(request, *args, **kwargs)
        needed = self.permissions.get(self._rule_method(request))
        if needed is None:
            raise exceptions.MethodNotAllowed(request.method or "")
        if needed == PUBLIC:
            return
        actor = request.actor
        if needed != SIGNED_IN and not actor.can(needed):
            raise exceptions.PermissionDenied

    @staticmethod
    def _rule_method(request: Request) -> str:
        return "GET" if request.method == "HEAD" else request.method or ""
