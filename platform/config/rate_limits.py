"""Rate limits of requests: an organization has its allowance, and nobody in it can use that up alone.

What asks the API draws on up to four buckets: the organization's, the person's (of the browser's session; of the
address for a visitor), the address's over all organizations, and for tries to sign in one more of the address, so that
guessing cannot be multiplied by organizations. Pages draw on the address's alone: a page without its data is cheap, and
a wall before it would only be harder to understand. Files of the build and media never come here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from core.errors import TooManyRequests
from core.headers import REPORTS_PATH
from core.http.client import client_ip, is_internal, network_of
from core.http.problems import problem_response
from core.rates import Charge, Level, Limiter, Rate, Verdict
from core.telemetry import metrics
from staff.accounts import sessions as staff_sessions
from staff.support import sessions as support_sessions
from tenancy import TenantRecord

Handler = Callable[[HttpRequest], HttpResponse]

_API = ("/api/", "/_allauth/")
_SIGN_IN = ("/_allauth/", "/api/v1/session/", "/api/v1/invitation-links/", "/api/v1/set-up-links/")
_SAFE = ("GET", "HEAD", "OPTIONS")
# Stripe sends from a few addresses, and in bursts: what it sends is told from noise by its signature.
_UNCHARGED = "/api/v1/webhooks/stripe/"

_WORDS = {
    "organization": "Your organization asks for more than its share of this platform right now.",
    "person": "That was more than one person needs in so short a time.",
    "visitor": "More requests come from your network than one visitor needs.",
    "address": "More requests come from your network than we can serve.",
    "sign-in": "Too many tries to sign in come from your network.",
    "report": "Enough of these reports were taken for now.",
}


class RateLimited(TooManyRequests):
    """A rate limit is used up. ``limit`` names it as in RateLimit-Policy; ``retry_after_seconds`` says how long."""

    code = "rate_limited"
    title = "Too many requests at once"


class RateLimits:
    """Charges each request, refuses with 429 where a bucket is empty, and says in headers how the tightest stands."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        charges = charges_of(request)
        if not charges:
            return self.get_response(request)
        verdict = _limiter(settings.REDIS_URL).take(charges)
        response = self.get_response(request) if verdict.refused_by is None else _refusal(request, verdict)
        if request.path.startswith(_API):
            response["RateLimit-Policy"] = ", ".join(_policy(charge) for charge in charges)
            response["RateLimit"] = _standing(verdict)
        return response


def allowance_of(tenant: TenantRecord) -> Rate | None:
    """Return how much of the platform an organization may ask for, None for no limit. Plans will have a say here."""
    return settings.RATE_LIMITS["organization"]


def charges_of(request: HttpRequest) -> list[Charge]:
    """Return the buckets that this request draws on."""
    if request.path == _UNCHARGED and request.surface == "site":  # type: ignore[attr-defined]
        return []
    found = []
    address = client_ip(request)
    outside = bool(address) and not is_internal(address)  # an address of ours says nothing about who asks
    network = _hidden(network_of(address))
    tenant: TenantRecord | None = request.tenant  # type: ignore[attr-defined]
    place = f"t:{tenant.id}" if tenant else "g"
    is_api = request.path.startswith(_API)
    if request.path == REPORTS_PATH:
        found.append(("report", f"g:rate:report:{network}", settings.RATE_LIMITS["report"]))
    if is_api and tenant:
        found.append(("organization", f"{place}:rate:all", allowance_of(tenant)))
    if is_api and (token := _session_of(request)):
        found.append(("person", f"{place}:rate:person:{_hidden(token)}", settings.RATE_LIMITS["person"]))
    elif is_api and outside:
        found.append(("visitor", f"{place}:rate:visitor:{network}", settings.RATE_LIMITS["visitor"]))
    if outside:
        found.append(("address", f"g:rate:address:{network}", settings.RATE_LIMITS["address"]))
        if request.method not in _SAFE and request.path.startswith(_SIGN_IN):
            found.append(("sign-in", f"g:rate:sign-in:{network}", settings.RATE_LIMITS["sign-in"]))
    return [Charge(name, key, rate) for name, key, rate in found if rate]


def _session_of(request: HttpRequest) -> str:
    """Return the token of the browser's session, whether or not it is one: inventing them empties the address's."""
    names = (settings.SESSION_COOKIE_NAME, support_sessions.COOKIE, staff_sessions.COOKIE)
    return next((token for name in names if (token := request.COOKIES.get(name))), "")


def _hidden(word: str) -> str:
    """No address and no token stands in a key."""
    return hashlib.blake2b(word.encode(), digest_size=16).hexdigest()


@lru_cache(maxsize=8)
def _limiter(url: str) -> Limiter:
    return Limiter(url)


def _refusal(request: HttpRequest, verdict: Verdict) -> HttpResponse:
    name = verdict.refused_by.name if verdict.refused_by else ""
    wait = verdict.wait_seconds
    metrics.RATE_LIMITED.labels(name).inc()
    sentence = f"{_WORDS[name]} Wait {wait} second{'' if wait == 1 else 's'}, then try again."
    if request.path.startswith(_API) or request.method not in _SAFE:
        return problem_response(RateLimited(sentence, retry_after_seconds=wait, limit=name))
    page = HttpResponse(sentence, status=429, content_type="text/plain; charset=utf-8")
    page["Retry-After"] = str(wait)
    return page


def _policy(charge: Charge) -> str:
    return f'"{charge.name}";q={charge.rate.quota};w={charge.rate.window}'


def _standing(verdict: Verdict) -> str:
    """Return the limit that will refuse first: of the others a client needs to know nothing."""

    def share(level: Level) -> float:
        return level.remaining / level.charge.rate.quota

    tightest = next(
        (level for level in verdict.levels if level.charge == verdict.refused_by),
        min(verdict.levels, key=share),
    )
    # When refused: how long until there is one more. Else: until everything is there again.
    seconds = verdict.wait_seconds or tightest.reset_seconds
    return f'"{tightest.charge.name}";r={tightest.remaining};t={seconds}'
