"""Control of CloudFront: rows say what it has to hold, and :mod:`media.edge.settling` tells it. Nothing here calls."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q

from media.edge import quotas
from media.edge.local import POOL
from media.models.keys import EdgeBinding, EdgePool

_POOLED = EdgeBinding.Strategy.POOLED


class MarkedRows:
    """media.edge.control.EdgeControl of CloudFront: ``pools`` are the shared distributions, ``template`` the other."""

    at_once = False

    def __init__(self, pools: Sequence[str], template: str) -> None:
        self._pools = tuple(pools)
        self._template = template

    def place(self, binding: EdgeBinding, strategy: str, *, pool: str = "") -> str:
        """Return the first shared distribution that has room, five behaviours and names left free; or the template.

        The place is kept in the binding, so that an organization can be moved. Who places waits for who places before.
        """
        if strategy != _POOLED:
            return self._template
        for found in self._pools:
            if pool and pool != found:
                continue
            EdgePool.objects.get_or_create(distribution_id=found, defaults={"kind": EdgePool.Kind.SHARED})
            row = EdgePool.objects.select_for_update().get(distribution_id=found)
            used = {
                quotas.BEHAVIOURS: _there(found) + row.used.get("other_behaviours", 0),
                quotas.ALIASES: _there(found) + row.used.get("other_aliases", 0),
            }
            if all(quotas.room(row.quotas, used, name) > quotas.KEPT_FREE for name in used):
                return found
        return ""

    def changed(self, binding: EdgeBinding) -> None:
        """The binding says itself that it changed."""

    def revoked(self, organization_id: UUID, policy_hash: str) -> None:
        """The row waits to be told."""

    def strangers(self) -> Q:
        """Return those of the embedded edge, and those of another cell: their place was left there, all else was not.

        Who is in a distribution that is not this cell's is none: a name left out of ``LMS_CLOUDFRONT_POOLS`` by
        mistake must not turn everybody out of it.
        """
        served_before = Q(state=EdgeBinding.State.DEPLOYED) | ~Q(key_group_id="") | ~Q(phase="")
        return Q(pool=POOL) | Q(pool="") & served_before

    def stands(self, binding: EdgeBinding) -> bool:
        """Return whether CloudFront was seen to hold all of it."""
        return binding.is_settled


def _there(pool: str) -> int:
    """Return how many organizations have a place in a shared distribution."""
    here = Q(strategy=_POOLED, pool=pool)
    coming_or_leaving = ~Q(strategy=_POOLED) & ~Q(phase="") & Q(other_pool=pool)
    return EdgeBinding.objects.filter(here | coming_or_leaving).count()
