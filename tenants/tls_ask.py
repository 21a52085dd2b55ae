"""The front door's question before it gets a certificate: is this host one of ours?

``GET /tls-ask/?domain=…`` answers 200 for a host that leads (or is proved and about to lead) to an organization and
404 for every other name. Only the front door may ask, from inside: what came through it is told that there is nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from redis.exceptions import RedisError

import tenancy
from core.clock import now
from core.http.client import is_internal
from core.http.problems import not_found
from tenancy import catalog, hosts
from tenants.models import Domain, Organization

Handler = Callable[[HttpRequest], HttpResponse]

PATH = hosts.TLS_QUESTION
KNOWN_SECONDS = 60  # an answer is kept: how long a host that was let go can still get a certificate
LOOKUPS_A_MINUTE = 600  # names that had to be looked up; strangers can make the front door ask for any name

# Whatever passes through a proxy carries one of these: the front door's own question carries none.
_PROXIED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_FORWARDED_HOST")
_LIVE_HOSTS = (Domain.State.VERIFIED, Domain.State.ACTIVE, Domain.State.REDIRECTING)
_ENDED = (
    Organization.State.REQUESTED,
    Organization.State.PROVISIONING,
    Organization.State.FAILED,
    Organization.State.DELETED,
)
_log = logging.getLogger(__name__)


class TlsAsk:
    """Answers the question before any host is looked at: it comes to the web server's own address."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path != PATH:
            return self.get_response(request)
        if request.method != "GET" or not _is_internal(request):
            return not_found(request)
        return HttpResponse(status=_answer(request.GET.get("domain", "")), content_type="text/plain")


def _is_internal(request: HttpRequest) -> bool:
    if any(name in request.META for name in _PROXIED):
        return False
    return is_internal(request.META.get("REMOTE_ADDR", ""))


def _answer(name: str) -> int:
    try:
        host = hosts.canonical(name)
    except hosts.BadHost:
        return 404
    key = f"tls-ask:{host}"
    with tenancy.platform():
        known: int | None = _kept(key)
        if known is not None:
            return known
        # Whose hosts are known does not wait for those whom strangers invented: the first certificate comes at once.
        if catalog.party(host) is None and not _may_look_up():
            return 429
        status = 200 if is_ours(host) else 404
        _keep(key, status)
    return status


def is_ours(host: str) -> bool:
    """Return whether the canonical ``host`` may have a certificate. Must run on the platform."""
    rows = Domain.objects.filter(host=host, state__in=_LIVE_HOSTS)
    return rows.exclude(organization__state__in=_ENDED).exists()


def _may_look_up() -> bool:
    key = f"tls-ask-lookups:{int(now().timestamp()) // 60}"
    try:
        cache.add(key, 0, 120)
        return cache.incr(key) <= LOOKUPS_A_MINUTE
    except (RedisError, ValueError):
        return True  # without the counter the question is one indexed query


def _kept(key: str) -> int | None:
    try:
        return cache.get(key)
    except RedisError:
        return None


def _keep(key: str, status: int) -> None:
    try:
        cache.set(key, status, KNOWN_SECONDS)
    except RedisError:
        _log.warning("tls_ask.not_kept")
