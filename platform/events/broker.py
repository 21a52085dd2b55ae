"""What the dispatcher and the console ask the broker: how long its queues are."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import redis
from django.conf import settings

QUEUE = "events"
"""Where the dispatcher hands out what it admits. Nothing else may send there."""


def lengths(queues: Sequence[str]) -> list[int] | None:
    """Return how many messages each queue holds, or None where the broker does not answer."""
    try:
        with _client().pipeline(transaction=False) as pipe:
            for name in queues:
                pipe.llen(name)
            return [int(found) for found in pipe.execute()]
    except redis.RedisError:
        return None


def has_room(queue: str, *, most: int = 8) -> bool:
    """Whether the queue holds fewer than ``most`` messages: for duties that ask again and again while workers are away.

    What they ask for is in rows; another message about them adds nothing. False where the broker does not answer.
    """
    found = lengths([queue])
    return found is not None and found[0] < most


@lru_cache(maxsize=1)
def _client() -> redis.Redis:
    return redis.Redis.from_url(settings.CELERY_BROKER_URL, socket_timeout=0.5, socket_connect_timeout=0.5)
