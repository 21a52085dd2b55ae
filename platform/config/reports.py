"""What browsers tell us of pages that tried what their policy forbids: counted by kind, of whom nothing is kept.

A report names the page, the script and what it wanted. All three may hold tokens or what a browser's extension did on
somebody's own machine, so of each only a word of ours is kept: which directive, what sort of thing, on which surface.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from prometheus_client import Counter

_log = structlog.get_logger(__name__)

MAX_BYTES = 32_768
MAX_REPORTS = 20
_TYPES = ("application/reports+json", "application/csp-report", "application/json")
_DIRECTIVE = re.compile(r"[a-z][a-z-]{2,40}")
_WORDS = ("inline", "eval", "wasm-eval", "self", "trusted-types-policy", "trusted-types-sink", "data", "blob")

VIOLATIONS = Counter(
    "lms_csp_violations_total",
    "What pages tried and their policy forbade, as browsers report it.",
    ["surface", "directive", "blocked"],
)


@csrf_exempt
def take(request: HttpRequest) -> HttpResponse:
    """Count the reports of one browser. It changes nothing that anybody sees, so it asks for no token."""
    if request.method != "POST":
        return _nothing(405, Allow="POST")
    if request.content_type not in _TYPES:
        return _nothing(415)
    body = request.read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        return _nothing(413)
    surface = str(request.surface)  # type: ignore[attr-defined]
    try:
        for directive, blocked in _violations(json.loads(body), request.META.get("HTTP_HOST", "")):
            VIOLATIONS.labels(surface, directive, blocked).inc()
            _log.warning("csp.violation", surface=surface, directive=directive, blocked=blocked)
    except (ValueError, RecursionError):
        return _nothing(400)
    return _nothing(204)


def _nothing(status: int, **headers: str) -> HttpResponse:
    return HttpResponse(status=status, headers=headers, content_type="text/plain; charset=utf-8")


def _violations(told: Any, host: str) -> Iterator[tuple[str, str]]:
    """Return directive and what was blocked, of either form in which browsers send reports."""
    for report in (told if isinstance(told, list) else [told])[:MAX_REPORTS]:
        if not isinstance(report, dict):
            raise ValueError("a report is an object")
        body = report.get("csp-report") if "csp-report" in report else report.get("body")
        if not isinstance(body, dict) or report.get("type", "csp-violation") != "csp-violation":
            continue
        directive = str(body.get("effectiveDirective") or body.get("effective-directive") or "").split(" ")[0]
        blocked = str(body.get("blockedURL") or body.get("blocked-uri") or "")
        yield directive if _DIRECTIVE.fullmatch(directive) else "other", _sort_of(blocked, host)


def _sort_of(blocked: str, host: str) -> str:
    """Return what sort of thing was blocked. Whose it is stays with the browser."""
    if blocked in _WORDS:
        return blocked
    try:
        parts = urlsplit(blocked)
    except ValueError:
        return "other"
    if parts.scheme in ("data", "blob"):
        return parts.scheme
    if parts.scheme in ("http", "https"):
        return "self" if parts.netloc == host else "elsewhere"
    return "extension" if parts.scheme.endswith("-extension") else "other"
