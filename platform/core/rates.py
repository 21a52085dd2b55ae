"""How often something may happen: token buckets kept in Redis for all processes, or in this one while Redis is away.

Each bucket is one number, the moment at which it will be full again (GCRA). All buckets that a request draws on are
asked and charged in one round trip, and a refusal charges none of them: who is refused by one limit does not use up
another one, which others may share.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

_log = logging.getLogger(__name__)

MICRO = 1_000_000
ANSWER_SECONDS = 0.1  # a Redis that takes longer is away: the request must not wait for it
FIRST_PAUSE_SECONDS = 1.0
LAST_PAUSE_SECONDS = 15.0
MAX_LOCAL_BUCKETS = 20_000


@dataclass(frozen=True, slots=True)
class Rate:
    """``quota`` within ``window`` seconds. A bucket holds the whole quota and fills up evenly."""

    quota: int
    window: int

    @classmethod
    def parse(cls, text: str) -> Rate | None:
        """Read ``"600/60"``: 600 in 60 seconds. ``"off"`` is no limit: None.

        Raises:
            ValueError: it is neither.
        """
        if text == "off":
            return None
        quota, _, window = text.partition("/")
        if not (quota.isascii() and quota.isdigit() and window.isascii() and window.isdigit()):
            raise ValueError(f"{text!r} is no rate: write how many in how many seconds, as 600/60, or off")
        if int(quota) < 1 or int(window) < 1:
            raise ValueError(f"{text!r} lets nothing through: write off for no limit")
        return cls(int(quota), int(window))

    @property
    def interval(self) -> float:
        """Microseconds in which one of the quota comes back."""
        return self.window * MICRO / self.quota


@dataclass(frozen=True, slots=True)
class Charge:
    """One bucket that a request draws on. ``name`` is told to the client, ``key`` is where the bucket is kept."""

    name: str
    key: str
    rate: Rate


@dataclass(frozen=True, slots=True)
class Level:
    """How a bucket stands after a request: ``remaining`` of the quota, and the seconds until it is full again."""

    charge: Charge
    remaining: int
    reset_seconds: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a request. ``refused_by`` is the bucket that was empty, which has one more in ``wait_seconds``."""

    levels: tuple[Level, ...]
    refused_by: Charge | None = None
    wait_seconds: int = 0


# Microseconds that are used up of each bucket; which refused, counted from 1 (0: none), and how long it stays empty.
_Used = tuple[int, int, Sequence[float]]

_SCRIPT = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local used, refused, wait = {}, 0, 0
for i, key in ipairs(KEYS) do
  local full_at = tonumber(redis.call('GET', key) or now)
  if full_at < now then full_at = now end
  used[i] = full_at - now
  local over = used[i] + tonumber(ARGV[2 * i - 1]) - tonumber(ARGV[2 * i])
  if over > 0 and over > wait then refused, wait = i, over end
end
if refused == 0 then
  for i, key in ipairs(KEYS) do
    used[i] = used[i] + tonumber(ARGV[2 * i - 1])
    redis.call('SET', key, string.format('%.0f', now + used[i]), 'PX', math.ceil(used[i] / 1000) + 1)
  end
end
return {refused, math.ceil(wait), unpack(used)}
"""


class LocalBuckets:
    """Buckets of this process. There are only so many: the ones that were not used for longest are forgotten."""

    def __init__(self) -> None:
        self._full_at: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, charges: Sequence[Charge]) -> _Used:
        """Charge all of them, or none where one is empty."""
        with self._lock:
            now = time.monotonic() * MICRO
            used = [max(self._full_at.get(charge.key, now) - now, 0.0) for charge in charges]
            refused, wait = 0, 0.0
            for place, charge in enumerate(charges):
                over = used[place] + charge.rate.interval - charge.rate.window * MICRO
                if over > max(wait, 0.5):  # half a microsecond: what adding many fractions is wrong by
                    refused, wait = place + 1, over
            if refused:
                return refused, math.ceil(wait), used
            for place, charge in enumerate(charges):
                used[place] += charge.rate.interval
                self._full_at[charge.key] = now + used[place]
                self._full_at.move_to_end(charge.key)
            while len(self._full_at) > MAX_LOCAL_BUCKETS:
                self._full_at.popitem(last=False)
            return 0, 0, used


class Limiter:
    """Asks Redis, and goes on without it: never an exception, and never a second slow answer in a row.

    After a failure Redis is left alone for a second, then tried by one request; each failure doubles the pause.
    """

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(
            url,
            socket_timeout=ANSWER_SECONDS,
            socket_connect_timeout=ANSWER_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._script = self._redis.register_script(_SCRIPT)
        self._local = LocalBuckets()
        self._lock = threading.Lock()
        self._pause = 0.0
        self._away_until = 0.0

    @property
    def is_away(self) -> bool:
        """Whether Redis failed last time."""
        return self._pause > 0

    def take(self, charges: Sequence[Charge]) -> Verdict:
        """Charge each bucket, or none where one is empty."""
        found = self._ask(charges) if self._may_ask() else None
        refused, wait, used = found or self._local.take(charges)
        return Verdict(
            levels=tuple(_level(charge, amount) for charge, amount in zip(charges, used, strict=True)),
            refused_by=charges[refused - 1] if refused else None,
            wait_seconds=max(1, math.ceil(wait / MICRO)) if refused else 0,
        )

    def _may_ask(self) -> bool:
        if not self.is_away:
            return True
        with self._lock:
            if time.monotonic() < self._away_until:
                return False
            self._away_until = time.monotonic() + self._pause  # this request tries; the others do not wait for it
            return True

    def _ask(self, charges: Sequence[Charge]) -> _Used | None:
        numbers = [number for charge in charges for number in (charge.rate.interval, charge.rate.window * MICRO)]
        try:
            answer = self._script(keys=[charge.key for charge in charges], args=numbers)
        except (redis.RedisError, OSError) as problem:
            self._failed(problem)
            return None
        if self.is_away:
            self._pause = 0.0
            _log.info("rates.redis_back")
        return answer[0], answer[1], answer[2:]

    def _failed(self, problem: Exception) -> None:
        with self._lock:
            if not self.is_away:
                _log.warning("rates.redis_away", extra={"reason": str(problem)})
            self._pause = min(max(self._pause * 2, FIRST_PAUSE_SECONDS), LAST_PAUSE_SECONDS)
            self._away_until = time.monotonic() + self._pause
        self._redis.connection_pool.disconnect(inuse_connections=False)


def _level(charge: Charge, used: float) -> Level:
    left = (charge.rate.window * MICRO - used) / charge.rate.interval
    return Level(charge, remaining=max(0, math.floor(left + 1e-6)), reset_seconds=math.ceil(used / MICRO))
