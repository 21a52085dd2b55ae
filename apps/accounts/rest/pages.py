"""Pages of accounts that are no part of the API."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.views.decorators.http import require_GET

from apps.accounts.rest.views import NONCE_COOKIE
from apps.accounts.services import hand_over

NONCE_SECONDS = 600  # the walk to the site and back; the code itself lives for 60


@require_GET
def hand_over_start(request: HttpRequest) -> HttpResponse:
    """Give this browser its nonce, then send it to the site, which makes a code for it and for nobody else."""
    begun = hand_over.start()
    response = HttpResponseRedirect(begun.location)
    response.set_cookie(NONCE_COOKIE, begun.nonce, max_age=NONCE_SECONDS, secure=True, httponly=True, samesite="Lax")
    return response


urlpatterns = [
    path("hand-over/start/", hand_over_start, name="hand-over-start"),
]
