"""Pages: the four shells, and the few pages that must stand without the application behind them."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from config import shell
from core.errors import PermissionDenied
from core.http.problems import not_found, problem_response
from tenancy.hosts import public_url

# The Track with a segment missing, and with two pause bars in its gap.
_MISSING = (
    '<rect width="150" height="12" y="6" rx="3"/><rect x="156" width="190" height="12" y="6" rx="3"/>'
    '<rect x="353" width="118" height="10" y="7" rx="3" fill="none" stroke="var(--text-2)" stroke-dasharray="5 5"/>'
    '<rect x="478" width="162" height="12" y="6" rx="3"/>'
)
_PAUSED = (
    '<rect width="210" height="12" y="6" rx="3" fill="var(--solid)"/><rect x="236" y="0" width="8" height="24" rx="2"'
    ' fill="var(--text)"/><rect x="252" y="0" width="8" height="24" rx="2" fill="var(--text)"/>'
    '<rect x="286" width="354" height="12" y="6" rx="3"/>'
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


def staff(request: HttpRequest) -> HttpResponse:
    """The platform's own console."""
    return shell.render(request, "staff")


def unknown_host(request: HttpRequest) -> HttpResponse:
    """No organization has this address. Nothing of anybody else is said."""
    if request.path.startswith("/api/"):
        return not_found(request)
    return _plain(
        request,
        status=404,
        picture=_MISSING,
        title="There is no organization at this address",
        detail="Check the spelling. If you were sent a link, ask whoever sent it for the current one.",
        action="Go to the front page",
        action_url=public_url(settings.SITE_HOST),
    )


def inactive_organization(request: HttpRequest) -> HttpResponse:
    """The organization exists and is paused."""
    if request.path.startswith("/api/"):
        return problem_response(OrganizationInactive())
    tenant = request.tenant  # type: ignore[attr-defined]
    return _plain(
        request,
        status=403,
        picture=_PAUSED,
        title=f"{tenant.name} is paused",
        detail="Nothing is lost: courses, progress and certificates are kept. The people who run it can switch it on.",
    )


class OrganizationInactive(PermissionDenied):
    """The organization of this host is not active."""

    code = "organization_inactive"
    title = "This organization is paused"


class CsrfFailed(PermissionDenied):
    """The token of this page is missing or old."""

    code = "csrf_failed"
    title = "This page is out of date. Load it again and repeat."


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a write without a valid token in the form of every other refusal."""
    return problem_response(CsrfFailed())


def _plain(request: HttpRequest, *, status: int, **words: str) -> HttpResponse:
    html = render_to_string("config/plain.html", {"nonce": request.csp_nonce, **words})  # type: ignore[attr-defined]
    return HttpResponse(html, status=status)
