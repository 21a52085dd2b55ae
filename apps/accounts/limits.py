"""Limits on guessing: what fails is counted by address, within the organization and over all of them.

Successes are not counted: a classroom behind one address may join in a minute.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.core.cache import cache
from django.http import HttpRequest

import tenancy
from core.clock import now
from core.errors import DomainError, TooManyRequests
from core.http.client import client_ip

HOUR_SECONDS = 3600


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


def _add(key: str, seconds: int = HOUR_SECONDS) -> int:
    cache.add(key, 0, seconds)
    try:
        return int(cache.incr(key))
    except ValueError:  # it expired in between
        cache.set(key, 1, seconds)
        return 1


class Attempts:
    """Attempts of some subjects within windows of time. A success takes back itself and forgives nothing else.

    ``subjects`` maps who is counted (``member:…``, ``ip:…``) to limits ``(how many, within seconds)``. Addresses are
    counted over all organizations, so that guessing cannot be spread; everything else within the bound one. Counting
    comes first and is atomic: of a hundred attempts at once no more than the limit are even looked at.
    """

    def __init__(self, *, kind: str, subjects: dict[str, tuple[tuple[int, int], ...]]) -> None:
        moment = int(now().timestamp())
        self._limits: list[tuple[str, str, int, int, int]] = []
        for subject, allowed in subjects.items():
            name = hashlib.sha256(subject.encode()).hexdigest()[:32]
            for many, seconds in allowed:
                window, gone = divmod(moment, seconds)
                self._limits.append((subject, f"attempts:{kind}:{name}:{seconds}:{window}", many, seconds, gone))

    def begin(self) -> None:
        """Count an attempt and let it happen.

        Raises:
            TooManyRequests: a limit is reached, with the rest of its window in seconds.
        """
        waits = []
        for subject, key, many, seconds, gone in self._limits:
            with _place(subject):
                if _add(key, seconds) > many:
                    waits.append(seconds - gone)
        if waits:
            raise TooManyRequests(retry_after_seconds=max(waits))

    def succeeded(self) -> None:
        """Take this attempt back: what is limited is failing."""
        for subject, key, *_ in self._limits:
            with _place(subject), suppress(ValueError):  # it expired in between
                cache.decr(key)


@contextmanager
def _place(subject: str) -> Iterator[None]:
    if subject.startswith("ip:"):
        with tenancy.platform():
            yield
    else:
        yield
