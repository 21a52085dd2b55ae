"""What surrounds every request: an id, and the rule that writes come from our own page."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from config import accesses
from core.acting import Acting, acting
from core.errors import PermissionDenied
from core.headers import REPORTS_PATH
from core.http.client import client_ip, is_internal
from core.http.problems import problem_response
from core.ids import new_id

Handler = Callable[[HttpRequest], HttpResponse]

_SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")


class RequestContext:
    """Gives the request an id that its logs, its problems and its answer carry, and says in one line how it went.

    The id is the front door's where that numbers requests (``LMS_REQUEST_ID_HEADER``), so that its line and ours are
    found together. A client's own never comes this far: the front door has written over it.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = _id_of(request)
        request.request_id = request_id  # type: ignore[attr-defined]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        # Authenticators say later who it is; until then it is somebody at this address.
        with (
            acting(Acting(kind="visitor", request_id=request_id, ip=client_ip(request), via="web")),
            accesses.noted(request) as access,
        ):
            response = self.get_response(request)
            access.answered(response)
        response["X-Request-ID"] = request_id
        return response


def _id_of(request: HttpRequest) -> str:
    if settings.REQUEST_ID_HEADER and is_internal(request.META.get("REMOTE_ADDR", "")):
        given = request.headers.get(settings.REQUEST_ID_HEADER, "")
        try:
            if len(given) == _UUID_LENGTH:
                return str(UUID(given))
        except ValueError:
            pass
    return str(new_id())


_UUID_LENGTH = 36


class CrossOrigin(PermissionDenied):
    """A write that did not come from a page of this very host."""

    code = "cross_origin"
    title = "This request did not come from this site"


class OwnOrigin:
    """Refuses writes whose Origin is not this host's own: sibling subdomains are same-site, so cookies can't tell."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # What browsers report of a page's policy comes without a page's origin, and changes nothing.
        if request.method not in _SAFE and request.path != REPORTS_PATH and not self._is_own(request):
            return problem_response(CrossOrigin())
        return self.get_response(request)

    @staticmethod
    def _is_own(request: HttpRequest) -> bool:
        origin = request.headers.get("Origin")
        if origin is not None:
            # Browsers write an origin in one way only; "null" and whatever cannot be parsed are not it.
            return origin == f"{settings.PUBLIC_SCHEME}://{request.META['HTTP_HOST']}"
        # Browsers send Origin with every write. Without one the caller is no browser, or says where it stands.
        return request.headers.get("Sec-Fetch-Site", "same-origin") in ("same-origin", "none")
