"""The bell: one coalesced signal through Redis that wakes the dispatcher when there is something to hand out.

It carries no work. A bell that is lost, or a Redis that is away, costs the time until the dispatcher looks by itself.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from functools import lru_cache

import redis
from django.conf import settings
from django.db import connection, transaction

_log = logging.getLogger(__name__)

_TIMEOUT_SECONDS = 0.2  # a request waits for it after its commit
# After a failure nobody rings for so long: a Redis that hangs must not slow each request down.
_SILENCE_SECONDS = 5.0
_LOOK_BACK = 8


@dataclass(frozen=True, slots=True)
class Bell:
    """One bell. However often it rings before the dispatcher hears it, it is heard once."""

    name: str

    @property
    def key(self) -> str:
        """Its key in Redis: a list of at most one element."""
        return f"lms:bell:{self.name}"

    def __call__(self) -> None:
        """Ring now. Never raises."""
        if _Silence.until > time.monotonic():
            return
        try:
            with _client().pipeline(transaction=False) as pipe:
                pipe.lpush(self.key, 1)
                pipe.ltrim(self.key, 0, 0)
                pipe.execute()
        except redis.RedisError:
            _Silence.until = time.monotonic() + _SILENCE_SECONDS
            _log.warning("bell.not_rung", extra={"bell": self.name})

    def ring_on_commit(self) -> None:
        """Ring once after the open transaction commits, however much was written in it."""
        # A ring that is registered already goes only with a savepoint that what is written now goes with as well.
        if all(run != self for _, run, *_ in connection.run_on_commit[-_LOOK_BACK:]):
            transaction.on_commit(self, robust=True)


class _Silence:
    until = 0.0


def wait_for(bells: list[Bell], *, seconds: float) -> Bell | None:
    """Wait until one of ``bells`` rings, at most so long; return which did, or None.

    Raises:
        redis.RedisError: Redis is away; nothing was waited for.
    """
    heard = _listener().blpop([bell.key for bell in bells], timeout=seconds)
    return next((bell for bell in bells if heard and heard[0] == bell.key), None)


@lru_cache(maxsize=1)
def _client() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=_TIMEOUT_SECONDS, socket_connect_timeout=_TIMEOUT_SECONDS
    )


@lru_cache(maxsize=1)
def _listener() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=10, socket_connect_timeout=2, decode_responses=True)
