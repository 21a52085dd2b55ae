"""The cache in Redis, and a small one of this process that stands in for it where work must go on without Redis.

Only what asks for it goes on (:func:`without_redis_too`): the sign-in by a password, whose limits on guessing are then
those of each process. Everything else is refused with 503 while Redis is away: a code or an invitation that nobody
counts could be guessed.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any

import redis
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache

_log = logging.getLogger(__name__)

# One request tries Redis again after so long; until then nobody waits for it.
PAUSE_SECONDS = 5.0
# Counters of addresses and accounts, for an hour at most; then those that expire soonest are dropped.
MOST_ENTRIES = 20_000

_goes_on: ContextVar[bool] = ContextVar("goes_on_without_redis", default=False)


@contextmanager
def without_redis_too() -> Iterator[None]:
    """Let the cache be this process's own in the block, where Redis does not answer."""
    token = _goes_on.set(True)
    try:
        yield
    finally:
        _goes_on.reset(token)


class _Away:
    """Since when Redis has not answered those who go on without it. One of a process: caches are one a thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until = 0.0

    def may_ask(self) -> bool:
        if not self._until:
            return True
        with self._lock:
            if time.monotonic() < self._until:
                return False
            self._until = time.monotonic() + PAUSE_SECONDS  # this one tries; the others do not wait for it
            return True

    def failed(self) -> None:
        with self._lock:
            if not self._until:
                _log.warning("cache.redis_away")
            self._until = time.monotonic() + PAUSE_SECONDS

    def answered(self) -> None:
        if self._until:
            self._until = 0.0
            _log.info("cache.redis_back")


away = _Away()


def _standing_in(name: str) -> Callable[..., Any]:
    real = getattr(RedisCache, name)

    @wraps(real)
    def call(self: PatientCache, *args: Any, **more: Any) -> Any:
        if not _goes_on.get():
            return real(self, *args, **more)
        if away.may_ask():
            try:
                answer = real(self, *args, **more)
            except (redis.ConnectionError, redis.TimeoutError):
                away.failed()
            else:
                away.answered()
                return answer
        return getattr(self.own, name)(*args, **more)

    return call


class PatientCache(RedisCache):
    """Django's cache in Redis; see the module for who goes on without it. A failure elsewhere is raised, as ever."""

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        own = {name: value for name, value in params.items() if name != "OPTIONS"}
        self.own = LocMemCache("without-redis", {**own, "OPTIONS": {"MAX_ENTRIES": MOST_ENTRIES}})

    add = _standing_in("add")
    get = _standing_in("get")
    set = _standing_in("set")
    incr = _standing_in("incr")
    delete = _standing_in("delete")
