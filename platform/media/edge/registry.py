"""Which edge serves: one object a process."""

from __future__ import annotations

from functools import lru_cache

from media.edge.interface import MediaEdge
from media.edge.local import RowsAreEnough
from media.edge.rows import RowsEdge


@lru_cache(maxsize=1)
def rows_edge() -> RowsEdge:
    """Return the edge over its rows."""
    return RowsEdge(RowsAreEnough())


def media_edge() -> MediaEdge:
    """Return the edge of this installation."""
    return rows_edge()
