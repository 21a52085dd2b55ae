"""The two steps of the way in that are pages: the nonce on the organization's host, the code on the staff host."""

from __future__ import annotations

import re
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET

from staff.support import sessions


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Give this browser its nonce, then send it to the staff host, which knows whether it may have a code."""
    grant = _uuid(request.GET.get("grant", ""))
    if grant is None:
        return HttpResponseRedirect("/")
    nonce, location = sessions.begin(str(grant))
    response = HttpResponseRedirect(location)
    response.set_cookie(
        sessions.NONCE_COOKIE, nonce, max_age=sessions.NONCE_SECONDS, secure=True, httponly=True, samesite="Lax"
    )
    return response


@require_GET
def hand_over(request: HttpRequest) -> HttpResponse:
    """Ask, from a page of the staff host itself, for a code for this browser, and go back with it.

    The staff cookie never travels with a navigation from another site; what this page fetches carries it. The code
    works in the browser alone that holds the nonce.
    """
    grant, hashed = _uuid(request.GET.get("grant", "")), request.GET.get("n", "")
    if grant is None or not re.fullmatch(r"[0-9a-f]{64}", hashed):
        return HttpResponseRedirect("/")
    request.has_inline_script = True  # type: ignore[attr-defined]
    words = {
        "nonce": request.csp_nonce,  # type: ignore[attr-defined]
        "way_in": {"path": f"/api/v1/support-grants/{grant}/code/", "nonce_sha256": hashed, "csrf": get_token(request)},
    }
    return HttpResponse(render_to_string("staff/support_hand_over.html", words))


def _uuid(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None
