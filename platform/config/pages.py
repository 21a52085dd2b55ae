"""Pages: the four shells, and the few pages that must stand without the application behind them."""

from __future__ import annotations

import sys

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string

from apps.branding import api as branding
from config import closed, dress, shell
from core.errors import DomainError, PermissionDenied
from core.http.parsers import BodyTooLarge
from core.http.problems import OUTAGES, RETRY_AFTER_SECONDS, not_found, outage_of, problem_response
from tenancy.errors import OrganizationMoving, TenantUnavailable
from tenancy.hosts import public_url

# The Track with a segment missing, and with two pause bars in its gap.
_MISSING = (
    '<rect width="150" height="12" y="6" rx="3"/><rect x="156" width="190" height="12" y="6" rx="3"/>'
    '<rect x="353" width="118" height="10" y="7" rx="3" fill="none" stroke="var(--text-2)" stroke-dasharray="5 5"/>'
    '<rect x="478" width="162" height="12" y="6" rx="3"/>'
)


def site(request: HttpRequest) -> HttpResponse:
    """The public site."""
    return shell.render(request, "site")


def learn(request: HttpRequest) -> HttpResponse:
    """What learners see."""
    return shell.render(request, "learn")


def studio(request: HttpRequest, _rest: str | None = None) -> HttpResponse:
    """What owners, admins, authors and instructors work in."""
    return shell.render(request, "studio")


def web_manifest(request: HttpRequest) -> HttpResponse:
    """The organization's pages as an app on a phone: its name, its colours, its icon."""
    found = JsonResponse(dress.web_manifest(branding.look()), content_type="application/manifest+json")
    found["Cache-Control"] = "no-cache"
    return found


def favicon(request: HttpRequest) -> HttpResponse:
    """What old browsers and bookmark services ask for by its name."""
    icon = branding.brand_of().favicon
    return HttpResponseRedirect(icon.ico) if icon else HttpResponse(status=204)


def staff(request: HttpRequest) -> HttpResponse:
    """The platform's own console."""
    return shell.render(request, "staff")


def unknown_host(request: HttpRequest) -> HttpResponse:
    """No organization has this address. Nothing of anybody else is said."""
    if request.path.startswith("/api/"):
        return not_found(request)
    return plain(
        request,
        status=404,
        picture=_MISSING,
        title="There is no organization at this address",
        detail="Check the spelling. If you were sent a link, ask whoever sent it for the current one.",
        action="Go to the front page",
        action_url=public_url(settings.SITE_HOST),
    )


class CsrfFailed(PermissionDenied):
    """The token of this page is missing or old."""

    code = "csrf_failed"
    title = "This page is out of date. Load it again and repeat."


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a write without a valid token in the form of every other refusal."""
    return problem_response(CsrfFailed())


class BadRequest(DomainError):
    """The request itself is malformed."""

    code = "bad_request"
    title = "This request could not be understood"
    status = 400


class ServerError(DomainError):
    """Our mistake. ``request_id`` finds it in the logs; nothing else of it is said."""

    code = "server_error"
    title = "Something went wrong on our side. It has been noted."
    status = 500


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer what Django refuses before a view sees it."""
    if isinstance(exception, RequestDataTooBig):
        return problem_response(BodyTooLarge(limit_bytes=settings.DATA_UPLOAD_MAX_MEMORY_SIZE))
    return problem_response(BadRequest())


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an error that nothing handled: 503 where PostgreSQL or Valkey does not answer, else 500.

    Django calls this while it handles the error, and has logged it.
    """
    if isinstance(sys.exc_info()[1], TenantUnavailable):
        shut = closed.refused(request)
        if shut is not None:
            return shut
    if isinstance(sys.exc_info()[1], OrganizationMoving):
        return problem_response(OrganizationMoving())
    request_id = getattr(request, "request_id", None)
    error: DomainError = ServerError(request_id=request_id)
    cause = sys.exc_info()[1]
    if isinstance(cause, OUTAGES):
        error = outage_of(cause, request_id=request_id)
    if request.path.startswith(("/api/", "/_allauth/")) or not hasattr(request, "csp_nonce"):
        return problem_response(error)
    response = plain(
        request,
        status=error.status,
        picture=_MISSING,
        title="Something went wrong on our side" if error.status == 500 else "We will be right back",
        detail=f"Try again in a moment. If it stays, tell whoever runs this platform: request {request_id}.",
    )
    if error.status == 503:
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def plain(
    request: HttpRequest,
    *,
    status: int,
    picture: str,
    title: str,
    detail: str,
    action: str = "",
    action_url: str = "",
) -> HttpResponse:
    """Return a page that stands without the application, in the organization's look where the host has one.

    It reads nothing from the organization's schema: a paused organization has no role to read it with, and an error
    page must stand when the database does not. ``picture`` is the inside of an SVG of 640 x 24.
    """
    tenant = getattr(request, "tenant", None)
    look = branding.look_from_outside(tenant.id) if tenant else None
    words = {"title": title, "detail": detail, "action": action, "action_url": action_url, "picture": picture}
    html = render_to_string(
        "config/plain.html",
        {
            **words,
            "nonce": request.csp_nonce,  # type: ignore[attr-defined]
            **(dress.plain_page(look) if look else {"name": tenant.name if tenant else ""}),
        },
    )
    return HttpResponse(html, status=status)
