"""What browsers tell us of pages that tried what their policy forbids: counted by kind, of whom nothing is kept.

A report names the page, the script and what it wanted. All three may hold tokens or what a browser's extension did on
somebody's own machine. Figures and logs get words of ours alone: which directive, what sort of thing, on which surface.
What staff see of it (``staff.violations``) has beside them the page's path, with a star for whatever is no plain word,
and the domain that something was wanted from.
"""

from __future__ import annotations

import json
import re
from collections import Counter as Tally
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from prometheus_client import Counter

import tenancy
from staff import violations
from staff.violations import Kind

_log = structlog.get_logger(__name__)

MAX_BYTES = 32_768
MAX_REPORTS = 20
_TYPES = ("application/reports+json", "application/csp-report", "application/json")
# Of https://www.w3.org/TR/CSP3/ and what browsers add. A list: whoever reports must not make names of figures.
_DIRECTIVES = frozenset(
    [
        "base-uri",
        "child-src",
        "connect-src",
        "default-src",
        "fenced-frame-src",
        "font-src",
        "form-action",
        "frame-ancestors",
        "frame-src",
        "img-src",
        "manifest-src",
        "media-src",
        "object-src",
        "prefetch-src",
        "require-trusted-types-for",
        "sandbox",
        "script-src",
        "script-src-attr",
        "script-src-elem",
        "style-src",
        "style-src-attr",
        "style-src-elem",
        "trusted-types",
        "upgrade-insecure-requests",
        "webrtc",
        "worker-src",
    ]
)
_WORD = re.compile(r"[a-z][a-z-]{0,30}")
_DOMAIN = re.compile(r"(?:.*\.)?([a-z0-9-]{1,40}\.[a-z][a-z0-9-]{1,20})")
_STEPS = 5
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
    found: Tally[Kind] = Tally()
    try:
        for directive, blocked, domain, page in _violations(json.loads(body), request.META.get("HTTP_HOST", "")):
            VIOLATIONS.labels(surface, directive, blocked).inc()
            _log.warning("csp.violation", surface=surface, directive=directive, blocked=blocked)
            found[Kind(surface, directive, domain or blocked, page)] += 1
    except (ValueError, RecursionError):
        return _nothing(400)
    try:
        with tenancy.platform():
            violations.count(found)
    except DatabaseError:
        _log.warning("csp.violations_not_kept")  # they are counted all the same: nobody waits for this list
    return _nothing(204)


def _nothing(status: int, **headers: str) -> HttpResponse:
    return HttpResponse(status=status, headers=headers, content_type="text/plain; charset=utf-8")


def _violations(told: Any, host: str) -> Iterator[tuple[str, str, str, str]]:
    """Return directive, sort and domain of what was blocked, and page, of either form that browsers send."""
    for report in (told if isinstance(told, list) else [told])[:MAX_REPORTS]:
        if not isinstance(report, dict):
            raise ValueError("a report is an object")
        body = report.get("csp-report") if "csp-report" in report else report.get("body")
        if not isinstance(body, dict) or report.get("type", "csp-violation") != "csp-violation":
            continue
        directive = str(body.get("effectiveDirective") or body.get("effective-directive") or "").split(" ")[0]
        blocked = str(body.get("blockedURL") or body.get("blocked-uri") or "")
        page = str(body.get("documentURL") or body.get("document-uri") or "")
        sort = _sort_of(blocked, host)
        yield (
            directive if directive in _DIRECTIVES else "other",
            sort,
            _domain_of(blocked) if sort == "elsewhere" else "",
            _page_of(page),
        )


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


def _domain_of(blocked: str) -> str:
    """Return the end of a host's name: enough to tell our own store from a stranger, too little to carry a secret."""
    found = _DOMAIN.fullmatch((urlsplit(blocked).hostname or "").lower())
    return found[1] if found else ""


def _page_of(page: str) -> str:
    """Return a page's path with a star for each step that is no plain word: ids, slugs with numbers and tokens."""
    try:
        steps = [step for step in urlsplit(page).path.split("/") if step]
    except ValueError:
        return "*"
    told = [step if _WORD.fullmatch(step) else "*" for step in steps[:_STEPS]]
    return "/" + "/".join([*told, *(["*"] if len(steps) > _STEPS else [])])
