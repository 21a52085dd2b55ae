"""The one base view. A method without a declared permission is refused: default deny."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string
from rest_framework import exceptions
from rest_framework.request import Request as DRFRequest
from rest_framework.response import Response
from rest_framework.views import APIView as DRFAPIView

from core.http.permissions import PUBLIC, SIGNED_IN
from core.http.request import Request

__all__ = ["PUBLIC", "SIGNED_IN", "APIView"]


# (view, request, what the method needs): raises where the organization's state shuts the view.
Gate = Callable[["APIView", Request, str], None]


class APIView(DRFAPIView):
    """A resource path. ``permissions`` maps each HTTP method it serves to what the actor must hold.

    Values: ``PUBLIC`` (anyone), ``SIGNED_IN`` (any member) or a permission such as ``"courses.edit"``.
    ``open_when`` names the states of an organization in which this resource answers although it would be shut by
    default: ``"read_only"`` for a write, ``"pending_deletion"`` for anything, ``"frozen"`` for what writes
    nothing although it is no GET (``settings.VIEW_GATE`` decides). Where ``open_methods`` names methods, those alone.
    Requests are :class:`core.http.request.Request`: ``request.actor`` is who acts.
    """

    permissions: ClassVar[dict[str, str]] = {}
    open_when: ClassVar[frozenset[str]] = frozenset()
    open_methods: ClassVar[frozenset[str]] = frozenset()
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
        if needed != PUBLIC:
            actor = request.actor
            if needed != SIGNED_IN and not actor.can(needed):
                raise exceptions.PermissionDenied
        self._gate()(self, request, needed)

    def handle_exception(self, exc: Exception) -> Response:
        """Answer a refusal as a problem; one for want of a right is told to whoever keeps record of those."""
        response: Response = super().handle_exception(exc)
        code = str(response.data.get("code", "")) if isinstance(response.data, dict) else ""
        if response.status_code == 403 and code != "csrf_failed" and settings.DENIAL_NOTE:
            match = self.request.resolver_match
            method = self.request.method or ""
            import_string(settings.DENIAL_NOTE)(
                method=method,
                route=match.view_name if match else "",
                needs=self.permissions.get(self._rule_method(self.request), ""),
                code=code,
            )
        return response

    @staticmethod
    def _gate() -> Gate:
        gate: Gate = import_string(settings.VIEW_GATE)
        return gate

    @staticmethod
    def _rule_method(request: DRFRequest) -> str:
        return "GET" if request.method == "HEAD" else request.method or ""
