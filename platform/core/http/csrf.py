"""Proof that a write comes from a page of this host: the token that the shell carries."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from rest_framework import exceptions
from rest_framework.authentication import CSRFCheck

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")


def enforce(request: HttpRequest) -> None:
    """Let reads pass, and writes with the page's token.

    Raises:
        PermissionDenied: the token is missing or of another page.
    """
    if request.method in SAFE:
        return

    def unanswered(_: HttpRequest) -> HttpResponse:
        raise AssertionError("the check only looks")

    check = CSRFCheck(unanswered)
    check.process_request(request)
    reason = check.process_view(request, unanswered, (), {})
    if reason:
        raise exceptions.PermissionDenied(f"CSRF: {reason}")
