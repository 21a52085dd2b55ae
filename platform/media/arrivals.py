"""What has to be there before an organization moves to another cell: room at that cell's edge."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from media.edge import quotas

# Those who have a place in a distribution, the ones coming and leaving too: as media.edge.marked counts them.
_POOLS = """
SELECT p.distribution_id, p.used::text, p.quotas::text, p.problem,
       (SELECT count(*) FROM public.media_edgebinding b
         WHERE (b.strategy = 'pooled' AND b.pool = p.distribution_id)
            OR (b.strategy <> 'pooled' AND b.phase <> '' AND b.other_pool = p.distribution_id))
  FROM public.media_edgepool p
 WHERE p.kind = 'shared'
 ORDER BY p.distribution_id
"""


def why_not(organization_id: UUID, there: Any) -> str:
    """Return in words why the edge of another cell has no room for an organization; empty where it has.

    ``there`` is a cursor of that cell's database, as its owner. A cell that has no shared distributions serves by its
    embedded edge, which has room for everybody.
    """
    there.execute(_POOLS)
    pools = list(there.fetchall())
    found = [_full(json.loads(used), json.loads(limits), problem, here) for _, used, limits, problem, here in pools]
    if not pools or not all(found):
        return ""
    named = "; ".join(f"{pool[0]}: {said}" for pool, said in zip(pools, found, strict=True))
    return f"none of its shared distributions has room for one more organization's films ({named})."


def _full(used: dict[str, int], limits: dict[str, int], problem: str, here: int) -> str:
    """Return what of a distribution, or of its account, is used up; empty where nothing is."""
    if problem:
        return problem
    taken = {
        **used,
        quotas.BEHAVIOURS: here + used.get("other_behaviours", 0) + quotas.KEPT_FREE,
        quotas.ALIASES: here + used.get("other_aliases", 0) + quotas.KEPT_FREE,
    }
    needed = {quotas.PUBLIC_KEYS: quotas.KEYS_EACH, quotas.KEY_GROUPS: 1, quotas.BEHAVIOURS: 1, quotas.ALIASES: 1}
    for name, more in needed.items():
        if quotas.room(limits, taken, name) < more:
            return quotas.short(limits, used, name)
    return ""
