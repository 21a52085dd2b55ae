"""Who asks next: a few organizations are busy, most are quiet."""

from __future__ import annotations

import itertools
import random


def numbers(organizations: int, count: int, *, seed: int, exponent: float = 1.0) -> list[int]:
    """Return ``count`` organizations in the order in which they ask; the n-th busiest asks as ``1 / n**exponent``.

    Which ones are busy is drawn from the seed too: numbers say when an organization was made.
    """
    draw = random.Random(seed)
    ranked = list(range(organizations))
    draw.shuffle(ranked)
    weights = itertools.accumulate(1 / rank**exponent for rank in range(1, organizations + 1))
    return draw.choices(ranked, cum_weights=list(weights), k=count)
