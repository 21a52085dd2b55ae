"""Sealing and forgetting where nothing has happened for a while."""

from __future__ import annotations

from events.api import duty
from tenancy.tasks import named
from tenants.api import serving_organizations


@duty("audit.seal_all", period_seconds=24 * 3600)
def seal_all() -> int:
    """Have every organization seal what a lost message left unsealed, and forget old addresses; return how many."""
    seal = named("apps.audit.tasks.seal")
    serving = serving_organizations()
    for organization in serving:
        seal.apply_for(organization.id, organization.generation)
    return len(serving)
