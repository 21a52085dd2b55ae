"""Codes cannot be guessed; this keeps trying from being free."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.cache import cache

from core.errors import TooManyRequests
from staff.support.errors import CodeRefused

TRIES_PER_HOUR = 20
HOUR_SECONDS = 3600


@contextmanager
def hold_back(ip: str) -> Iterator[None]:
    """Let a code be tried unless this address had too many refused within the hour; count it if it is refused.

    Raises:
        TooManyRequests: come back when the hour is over.
    """
    key = f"support:refused:{hashlib.sha256(ip.encode()).hexdigest()[:32]}"
    if cache.get(key, 0) >= TRIES_PER_HOUR:
        raise TooManyRequests(retry_after_seconds=HOUR_SECONDS)
    try:
        yield
    except CodeRefused:
        if not cache.add(key, 1, HOUR_SECONDS):
            try:
                cache.incr(key)
            except ValueError:  # it expired in between
                cache.set(key, 1, HOUR_SECONDS)
        raise
