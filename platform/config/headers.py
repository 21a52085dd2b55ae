"""The browser's locks on every answer: the headers of its surface, and for a page a policy of its own.

Nothing inline runs unasked: scripts come from the build, and the one inlined style (an organization's theme, which
must stand before the first paint and is different for each) carries a nonce of this answer. A page whose own script is
inline says so (``request.has_inline_script``), and the nonce lets it run there alone.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from core.headers import HEADERS, REPORTS_GROUP, REPORTS_PATH, Kind, hsts
from tenancy import hosts

Handler = Callable[[HttpRequest], HttpResponse]

# What may make HTML out of text, by name: frontend/src/lib/trusted-types.ts, and ProseMirror for what is pasted.
_HTML_MAKERS = ("lms-rich-text", "default", "ProseMirrorClipboard")


class SecurityHeaders:
    """Writes the headers of ``core.headers`` on every answer; what a view set by itself stands."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.csp_nonce = secrets.token_urlsafe(16)  # type: ignore[attr-defined]
        response = self.get_response(request)
        is_page = response.get("Content-Type", "").startswith("text/html")
        if getattr(request, "surface", "") == "content":
            response.setdefault("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'")
        elif is_page:
            response.setdefault("Content-Security-Policy", page_policy(request))
            if _may_be_framed(request):
                response.setdefault("X-Frame-Options", "SAMEORIGIN")
        for name, value in HEADERS[_kind(request, is_page=is_page)].items():
            response.setdefault(name, value)
        if settings.SECURE_HSTS_SECONDS:
            promise = hsts(settings.SECURE_HSTS_SECONDS, ours=_is_ours(request))
            response.setdefault("Strict-Transport-Security", promise)
        return response


def _kind(request: HttpRequest, *, is_page: bool) -> Kind:
    if getattr(request, "surface", "") == "content":
        return "content"
    return "page" if is_page else "data"


def page_policy(request: HttpRequest) -> str:
    """Return the CSP of a page: our own host, where an organization uploads to, one nonce for the inlined theme."""
    nonce = request.csp_nonce  # type: ignore[attr-defined]
    uploads = f" {settings.S3_PUBLIC_URL}" if getattr(request, "tenant", None) else ""
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce}'" if _has_inline_script(request) else "script-src 'self'",
            f"style-src 'self' 'nonce-{nonce}'",
            "img-src 'self' data: blob:",
            "font-src 'self'",
            "media-src 'self' blob:",
            "worker-src 'self'",
            f"connect-src 'self'{uploads}",
            "manifest-src 'self'",
            "frame-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'self'" if _may_be_framed(request) else "frame-ancestors 'none'",
            "object-src 'none'",
            "require-trusted-types-for 'script'",
            f"trusted-types {' '.join(_HTML_MAKERS)}",
            f"report-uri {REPORTS_PATH}",
            # The newer way is used over TLS alone, and where it is named browsers leave the older one out.
            *([f"report-to {REPORTS_GROUP}"] if settings.PUBLIC_SCHEME == "https" else []),
        ]
    )


def _may_be_framed(request: HttpRequest) -> bool:
    """Whether the view said that our own pages may show this one in a frame: the preview of a brand."""
    return bool(getattr(request, "framed_by_own_pages", False))


def _has_inline_script(request: HttpRequest) -> bool:
    return bool(getattr(request, "has_inline_script", False))


def _is_ours(request: HttpRequest) -> bool:
    """Whether the host lies on a domain of the platform, not on one that an organization brought along."""
    try:
        host = hosts.canonical(request.META.get("HTTP_HOST", ""))
    except hosts.BadHost:
        return False
    ours = (settings.SITE_HOST, settings.TENANT_SUFFIX, settings.STAFF_HOST, settings.CONTENT_SUFFIX)
    return any(host == found or host.endswith(f".{found}") for found in ours)
