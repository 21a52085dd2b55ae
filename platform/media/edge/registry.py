"""Which edge serves: one object a process."""

from __future__ import annotations

from functools import lru_cache

from media.edge.interface import MediaEdge
from media.edge.pooled import PooledEdge, RowsAreEnough


@lru_cache(maxsize=1)
def pooled_edge() -> PooledEdge:
    """Return the pooled strategy over the embedded edge, which reads the rows by itself."""
    return PooledEdge(RowsAreEnough())


def media_edge() -> MediaEdge:
    """Return the edge of this installation."""
    return pooled_edge()
