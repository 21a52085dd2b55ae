"""Who is at the other end of a request, as far as the network knows."""

from __future__ import annotations

from django.http import HttpRequest


def client_ip(request: HttpRequest) -> str:
    """Return the browser's address as the front door saw it; what the browser itself claims is not asked."""
    return str(request.META.get("HTTP_X_REAL_IP") or request.META.get("REMOTE_ADDR") or "")
