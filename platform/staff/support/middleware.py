"""The wall around support access on an organization's host.

Outermost of what knows people: it looks the access up anew with each request, says who acts and on whose behalf, and
lets nothing through that is not listed, whatever the view behind would allow. What was read and what was changed goes
into the organization's audit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

import tenancy
from apps.audit.api import denied, record
from core.acting import become
from core.actor import SupportView
from core.errors import DomainError
from core.http.problems import problem_response
from staff.support import sessions
from staff.support.errors import NotForSupport, SupportEnded, SupportReadOnly
from staff.support.policies import READ_ROUTES, WRITE_ROUTES

Handler = Callable[[HttpRequest], HttpResponse]

_SAFE = ("GET", "HEAD", "OPTIONS")
_API = ("/api/", "/_allauth/")
# Ending it works whatever else is refused, and so does entering anew.
SESSION_ROUTE, SESSION_PATH = "support:session", "/api/v1/support-session/"
# Of one access this many different pages are listed one by one; who opens more is listed as having opened many.
PAGES_KEPT = 300


class SupportAccess:
    """Gives a request under support access its view, its limits and its trace."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.support = None  # type: ignore[attr-defined]
        token = request.COOKIES.get(sessions.COOKIE, "")
        tenant = tenancy.current_or_none()
        if not token or tenant is None:
            return self.get_response(request)
        support = sessions.view_of(token, organization_id=tenant.id)
        if support is None:
            # Who comes in anew may still hold the cookie of an access that is over.
            is_way_in = request.path == SESSION_PATH or request.path.startswith("/support/")
            return _without_cookie(self.get_response(request) if is_way_in else _over(request))
        request.support = support  # type: ignore[attr-defined]
        become(
            kind="staff",
            id=support.staff_id,
            name=support.staff_name,
            on_behalf_of=support.member_id,
            support_grant=support.grant_id,
            via="support",
        )
        response = self.get_response(request)
        _trace(request, response, support)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Refuse what support access does not reach, before anything of the view runs."""
        support: SupportView | None = getattr(request, "support", None)
        if support is None:
            return None
        route, method = _route(request), request.method or ""
        refusal = refusal_of(route, method, request.path, can_write=support.can_write)
        if refusal is None:
            return None
        denied(method=method, route=route or "a page", needs="", code=refusal.code)
        return problem_response(refusal)


def refusal_of(route: str, method: str, path: str, *, can_write: bool) -> DomainError | None:
    """Return why support access may not call ``method`` on ``route``, None where it may.

    Pages have no route's name: the shells hold nothing of their own, and what they fetch is asked here again.
    """
    if route == SESSION_ROUTE:
        return None
    if method in _SAFE:
        if route in READ_ROUTES or (not route and not path.startswith(_API)):
            return None
        return NotForSupport()
    if not can_write:
        return SupportReadOnly()
    return None if method in WRITE_ROUTES.get(route, ()) else NotForSupport()


def _route(request: HttpRequest) -> str:
    match = request.resolver_match
    return match.view_name if match and match.url_name else ""


def _over(request: HttpRequest) -> HttpResponse:
    if request.path.startswith(_API) or request.method not in _SAFE:
        return problem_response(SupportEnded())
    return HttpResponseRedirect("/support/ended/")


def _without_cookie(response: HttpResponse) -> HttpResponse:
    """Take the cookie from a browser whose access is over: its next request is nobody's, or its own member's."""
    if sessions.COOKIE not in response.cookies:
        response.set_cookie(sessions.COOKIE, "", max_age=0, secure=True, httponly=True, samesite="Lax")
    return response


def _trace(request: HttpRequest, response: HttpResponse, support: SupportView) -> None:
    """Keep each change, and of what was read each page once an access."""
    route = _route(request)
    if route == SESSION_ROUTE or not request.path.startswith("/api/") or not 200 <= response.status_code < 300:
        return
    if request.method not in _SAFE:
        with transaction.atomic():
            record("support.page.changed", changes={"request": f"{request.method} {route}"})
        return
    words, shows_people = READ_ROUTES.get(route, ("", False))
    if not words:
        return
    match = request.resolver_match
    # What shows people is kept for each of them; the rest once a kind of page.
    arguments = "".join(f":{value}" for _, value in sorted((match.kwargs if match else {}).items()))
    which = f"{route}{arguments}" if shows_people else route
    prefix = f"support:viewed:{support.grant_id}"
    if not cache.add(f"{prefix}:{which}", 1, 3600):
        return
    cache.add(prefix, 0, 3600)
    if cache.incr(prefix) > PAGES_KEPT:
        return
    subject = next((value for value in (match.kwargs if match else {}).values()), None) if shows_people else None
    with transaction.atomic():
        record(
            "support.page.viewed", object_type="page", object_id=_uuid(subject), label=words, changes={"route": route}
        )


def _uuid(value: Any) -> UUID | None:
    return value if isinstance(value, UUID) else None
