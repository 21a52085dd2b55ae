"""Asking what the bound organization has. Its record knows: no query."""

from __future__ import annotations

import tenancy
from billing.catalog import next_plan
from billing.errors import NotInPlan


def has(feature: str) -> bool:
    """Return whether the bound organization has ``feature``; False where none is bound."""
    tenant = tenancy.current_or_none()
    return tenant is not None and tenant.entitlements.has(feature)


def require(feature: str) -> None:
    """Refuse where the bound organization does not have ``feature``.

    Raises:
        NotInPlan: with its plan, and the nearest one that brings it.
        tenancy.NoTenantBound: no organization is bound.
    """
    found = tenancy.current().entitlements
    if not found.has(feature):
        raise NotInPlan(feature=feature, plan=found.plan, next_plan=next_plan(found.plan, feature))
