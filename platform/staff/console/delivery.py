"""How films are delivered: distributions and their quotas, whose films are where, and moves. Platform only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from core.errors import ValidationFailed
from media import api as media
from media.errors import EdgeRefuses
from staff import audit
from tenants import api as tenants

POOLED, DISTRIBUTION_TENANT = STRATEGIES = ("pooled", "distribution_tenant")
ONLY = ("moving", "pending", "troubled")
LOCAL = "local"


def overview() -> media.Edge:
    """Return how the edge stands as a whole."""
    return media.edge_overview()


def organizations(*, pool: str, only: Any) -> QuerySet[Any]:
    """Return whose films a distribution has, or those that want something; ready for pages."""
    return media.edge_bindings(pool=pool, only=only)


def named(rows: Sequence[Any]) -> list[tuple[media.Standing, str]]:
    """Return how each stands, with the organization's name."""
    found = [media.edge_stand(row) for row in rows]
    names = tenants.organization_names(one.organization_id for one in found)
    return [(one, names.get(one.organization_id, "")) for one in found]


def standing(organization_id: UUID) -> tuple[media.Standing, str]:
    """Return how one organization stands, with its name.

    Raises:
        NotFound: its films were never set up.
    """
    found = media.edge_standing_of(organization_id)
    return found, tenants.organization_names([organization_id]).get(organization_id, "")


@transaction.atomic
def move(organization_id: UUID, *, strategy: str, pool: str, reason: str) -> tuple[media.Standing, str]:
    """Begin to move an organization's films, or call its move off by the strategy that it has. It is recorded.

    Raises:
        NotFound: its films were never set up. EdgeRefuses: not now; the detail says why.
        ValidationFailed: ``pool`` is none of the shared distributions, or was given with another strategy.
    """
    edge, before = media.edge_overview(), media.edge_standing_of(organization_id)
    if edge.kind == LOCAL:
        raise EdgeRefuses("This installation delivers films by its own edge: there is nowhere to move them to.")
    if pool and (strategy != POOLED or pool not in {one.id for one in edge.pools if one.kind == "shared"}):
        raise ValidationFailed(errors={"pool": "Choose one of the shared distributions, or none."})
    calls_off = strategy == before.strategy and bool(before.phase)
    media.move_edge(organization_id, strategy, pool="" if calls_off else pool)
    after = media.edge_standing_of(organization_id)
    changes: dict[str, Any] = {"strategy": [before.strategy, strategy]}
    if not calls_off:
        changes["distribution"] = [before.pool, after.other_pool]
    audit.record("edge.move", organization_id=organization_id, changes=changes, reason=reason)
    return standing(organization_id)
