"""Limits on guessing: what fails is counted by address, within the organization and over all of them.

Successes are not counted: a classroom behind one address may join in a minute.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.cache import cache
from django.http import HttpRequest

import tenancy
from core.clock import now
from core.errors import DomainError, TooManyRequests

HOUR_SECONDS = 3600


def client_ip(request: HttpRequest) -> str:
    """Return the browser's address as the front door saw it; what the browser itself claims is not asked."""
    return str(request.META.get("HTTP_X_REAL_IP") or request.META.get("REMOTE_ADDR") or "")


@contextmanager
def refusals(request: HttpRequest, *, kind: str, here: int, everywhere: int) -> Iterator[None]:
    """Let an attempt happen unless this address was refused too often within the hour; count it if it is refused.

    ``here`` is the limit in this organization, ``everywhere`` the one over all, so that guessing cannot be spread.
    A refusal is a domain error of status 403 or 404.

    Raises:
        TooManyRequests: with the rest of the hour in ``retry_after_seconds``.
    """
    hour, gone = divmod(int(now().timestamp()), HOUR_SECONDS)
    address = hashlib.sha256(client_ip(request).encode()).hexdigest()[:32]
    key = f"refused:{kind}:{address}:{hour}"
    seen_here = cache.get(key, 0)
    with tenancy.platform():
        seen_everywhere = cache.get(key, 0)
    if seen_here >= here or seen_everywhere >= everywhere:
        raise TooManyRequests(retry_after_seconds=HOUR_SECONDS - gone)
    try:
        yield
    except DomainError as refused:
        if refused.status in (403, 404):
            _add(key)
            with tenancy.platform():
                _add(key)
        raise


def count(*, kind: str, subject: str, limit: int) -> None:
    """Count one more ``kind`` of ``subject`` in the bound organization and this hour.

    Raises:
        TooManyRequests: the hour's limit is reached.
    """
    hour, gone = divmod(int(now().timestamp()), HOUR_SECONDS)
    key = f"count:{kind}:{hashlib.sha256(subject.encode()).hexdigest()[:32]}:{hour}"
    if _add(key) > limit:
        raise TooManyRequests(retry_after_seconds=HOUR_SECONDS - gone)


def _add(key: str) -> int:
    cache.add(key, 0, HOUR_SECONDS)
    try:
        return int(cache.incr(key))
    except ValueError:  # it expired in between
        cache.set(key, 1, HOUR_SECONDS)
        return 1
