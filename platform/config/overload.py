"""What is answered when an organization asks for more than its share of the threads: come back in a moment."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from core.errors import Unavailable
from core.http.marks import BUSY
from core.http.problems import problem_response

Handler = Callable[[HttpRequest], HttpResponse]

RETRY_AFTER_SECONDS = 2


class Busy(Unavailable):
    """All threads that one organization may hold are held, and its queue is full or does not move."""

    code = "busy"
    title = "Your organization has more going on right now than can be served at once. Try again in a moment."


class ShedLoad:
    """Answers what the web server marked as too much, before anything is looked up for it."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.META.get(BUSY):
            return self.get_response(request)
        if request.path.startswith(("/api/", "/_allauth/")) or request.method not in ("GET", "HEAD"):
            return problem_response(Busy(retry_after_seconds=RETRY_AFTER_SECONDS))
        page = HttpResponse(Busy.title, status=Busy.status, content_type="text/plain; charset=utf-8")
        page["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return page
