"""What a visitor sees of an organization that is not in use: paused, about to be deleted, or gone.

Nothing is read from the organization's schema: its role is refused. Its look is a copy that is kept outside.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

import tenancy
from apps.branding import api as branding
from apps.branding.dto import BrandInfo, Look
from apps.branding.solver import brand_theme
from apps.branding.theme import DEFAULT_COLOR, DEFAULT_FONT
from config import dress, shell
from core.errors import DomainError
from core.http.problems import problem_response
from tenancy import TenantRecord, catalog
from tenancy.errors import OrganizationInactive
from tenants.api import OrganizationClosing, deletion_day

_PROGRAMS = ("/api/", "/_allauth/")


@dataclass(frozen=True, slots=True)
class Words:
    """One page. ``bars`` is the picture: played, then paused or ended."""

    title: str
    lead: str
    learners: str
    owners: str
    status: int
    bars: str = "paused"
    action: str = ""
    action_url: str = ""


class OrganizationGone(DomainError):
    """The organization of this host was deleted, or is being deleted now. Nothing of it can be had any more."""

    code = "organization_deleted"
    title = "This organization was deleted"
    status = 410


def page(request: HttpRequest) -> HttpResponse:
    """Answer for an organization that is not in use: a page for people, a problem for programs."""
    tenant: TenantRecord = request.tenant  # type: ignore[attr-defined]
    if request.path.startswith(_PROGRAMS):
        return problem_response(_problem(tenant))
    words = _words(tenant)
    look = (branding.look_from_outside(tenant.id) or _undressed(tenant)) if tenant.name else None
    html = render_to_string(
        "config/closed.html",
        {
            "nonce": request.csp_nonce,  # type: ignore[attr-defined]
            "words": words,
            "locale": tenant.locale,
            "face": _face(),
            **(dress.plain_page(look) if look else {"name": tenant.name}),
        },
    )
    response = HttpResponse(html, status=words.status)
    if words.status == 403:
        response["X-Robots-Tag"] = "noindex"
    return response


def refused(request: HttpRequest) -> HttpResponse | None:
    """Answer for an organization whose role the database refused although this process took it to be in use.

    None where it is in use after all: then something else is wrong.
    """
    stale: TenantRecord = request.tenant  # type: ignore[attr-defined]
    catalog.forget_all()
    fresh = catalog.resolve(stale.here)
    if fresh is None or fresh.tenant.is_active:
        return None
    request.tenant = fresh.tenant  # type: ignore[attr-defined]
    return page(request)


def _undressed(tenant: TenantRecord) -> Look:
    """Return the look of an organization that never chose one, as its own pages have it."""
    solved = brand_theme(DEFAULT_COLOR)
    brand = BrandInfo(name=tenant.name, color=DEFAULT_COLOR, heading_font=DEFAULT_FONT)
    return Look(brand=brand, css="", solved={"light": solved.light, "dark": solved.dark})


def _face() -> str:
    try:
        return dress.text_face(shell.manifest())
    except shell.FrontendNotBuilt:
        return ""  # the device's own face does as well


def _problem(tenant: TenantRecord) -> DomainError:
    if tenant.is_closing:
        return OrganizationClosing()
    if tenant.state in ("deleting", "deleted"):
        return OrganizationGone()
    return OrganizationInactive(state=tenant.state)


def _words(tenant: TenantRecord) -> Words:
    name = tenant.name
    if tenant.is_closing:
        with tenancy.platform():
            day = deletion_day(tenant.id)
        return Words(
            title=f"{name} is closed",
            lead=f"It will be deleted on {day}: courses, progress and films. Until then its owners can call that off.",
            learners="You can't sign in any more. Ask whoever runs your training for what you need of it while it is "
            "still there.",
            owners="Sign in to call the deletion off, or to take everything along.",
            status=403,
            bars="ended",
            action="Owner sign-in",
            action_url="/studio/settings/organization",
        )
    if tenant.state == "deleting":
        return Words(
            title=f"{name} is being deleted",
            lead="The time in which this could be called off has passed. Nobody can sign in any more.",
            learners="What you learned here is no longer kept here. Ask whoever ran your training.",
            owners="You get no further mail about it once it is done.",
            status=410,
            bars="ended",
        )
    if tenant.state == "deleted":
        return Words(
            title="The organization that was here is gone",
            lead="It was deleted. Nothing of it is kept, and its address is given to nobody else.",
            learners="",
            owners="",
            status=410,
            bars="gone",
        )
    return Words(
        title=f"{name} is paused",
        lead="Lessons are closed for now. Nothing is deleted: courses and progress stay as they are.",
        learners="Your place in every lesson is kept. Ask your training team when it opens again.",
        owners="The reason was sent to every owner by e-mail. Once it is settled, everything is as it was.",
        status=403,
    )
