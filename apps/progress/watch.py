"""The seconds of a video: sets of whole seconds, and what of a report can be believed.

A set is a tuple of half-open spans ``(a, b)``, ascending and apart: the value of a PostgreSQL ``int4multirange``.
Union is commutative, associative and idempotent, so the order of reports, their repetition and the number of devices
cannot matter, and a map can only grow.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Span = tuple[int, int]
Seconds = tuple[Span, ...]

NOTHING: Seconds = ()
# As fast as the player goes: with the feature "player.fast_speeds", and without.
MAX_SPEED = 3.0
USUAL_SPEED = 2.0
# A report may hold what was played just before it; clocks and networks are late by less than this.
SLACK_SECONDS = 30
MAX_SPANS_A_BEACON = 100
FULL_PERMILLE = 1000
_AS_JSON = str.maketrans("{})", "[]]")  # {[0,5),[7,9)} is read as [[0,5],[7,9]]


@dataclass(frozen=True, slots=True)
class PlayedSpan:
    """One stretch of playing as the player reports it, in seconds of the video."""

    start: float
    end: float
    speed: float = 1.0


@dataclass(frozen=True, slots=True)
class Credited:
    """What of a beacon counts: ``spans`` in the order of playing, repetition kept; ``clipped`` when some did not."""

    spans: Seconds
    clipped: bool

    @property
    def played_seconds(self) -> int:
        """How long it played, repetition included."""
        return sum(end - start for start, end in self.spans)


def union(*sets: Iterable[Span]) -> Seconds:
    """Return every second that is in any of ``sets``; spans that touch become one."""
    merged: list[Span] = []
    for start, end in sorted(span for one in sets for span in one if span[0] < span[1]):
        if merged and start <= merged[-1][1]:
            if end > merged[-1][1]:
                merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return tuple(merged)


def length(seconds: Iterable[Span]) -> int:
    """Return how many seconds a set holds."""
    return sum(end - start for start, end in seconds)


def required_seconds(duration_ms: int) -> int:
    """Return how many whole seconds of a video there are to watch; a tail of less than a second is given."""
    return max(1, duration_ms // 1000)


def permille(covered: int, required: int) -> int:
    """Return the watched share, rounded down. It says 1000 only when every second was watched."""
    return min(FULL_PERMILLE, covered * FULL_PERMILLE // required) if required > 0 else 0


def credit(
    spans: Sequence[PlayedSpan], *, required: int, since_last_seconds: float, speed_limit: float = MAX_SPEED
) -> Credited:
    """Return what of ``spans`` can have been played since the last report, in a video of ``required`` whole seconds.

    A stretch counts where it lies inside the video and runs forward; together they can be no longer than the time that
    passed, at the speed they claim, and 30 seconds. What is beyond is cut off and flagged, never credited. Partly
    played seconds count whole: two reports that meet inside a second must join.
    """
    fastest = max((span.speed for span in spans if _is_number(span.speed)), default=1.0)
    allowance = int(SLACK_SECONDS + max(0.0, since_last_seconds) * min(max(fastest, 1.0), speed_limit))
    kept: list[Span] = []
    clipped = len(spans) > MAX_SPANS_A_BEACON
    for span in spans[:MAX_SPANS_A_BEACON]:
        if not (_is_number(span.start) and _is_number(span.end)) or span.end <= span.start or span.start < 0:
            clipped = True
            continue
        # A second of tolerance: the tail that is no whole second, and players that report a little past the end.
        clipped = clipped or span.end > required + 2 or not 0 < span.speed <= speed_limit
        start = min(math.floor(span.start), required)
        end = min(math.ceil(span.end), required)
        if end - start > allowance:
            clipped = True
            end = start + allowance
        if end > start:
            kept.append((start, end))
            allowance -= end - start
    return Credited(tuple(kept), clipped)


def dump(seconds: Iterable[Span]) -> str:
    """Return the text that PostgreSQL reads as an ``int4multirange``."""
    return "{" + ",".join(f"[{start},{end})" for start, end in seconds) + "}"


def load(text: str) -> Seconds:
    """Return the set that PostgreSQL wrote. It always writes ``[a,b)`` for whole numbers."""
    return tuple([(start, end) for start, end in json.loads(text.translate(_AS_JSON))])


def _is_number(value: float) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)
