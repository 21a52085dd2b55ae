"""Which flags an organization has. Decided when its record is read, so asking costs nothing afterwards.

``settings.TENANT_FLAGS`` names :func:`flags_of`; product code asks :func:`tenancy.flags.enabled`.
"""

from __future__ import annotations

import hashlib
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import Prefetch

from billing import api as billing
from staff.models import FeatureFlag, FlagRule
from tenancy import catalog


def flags_of(organization_id: UUID) -> frozenset[str]:
    """Return the keys of the flags that are on for an organization. Platform only: one or two statements."""
    rules = FlagRule.objects.all()
    flags = list(FeatureFlag.objects.filter(kill=False).prefetch_related(Prefetch("rules", queryset=rules)))
    if not flags:
        return frozenset()
    needs_plan = any(rule.kind == FlagRule.Kind.PLAN for flag in flags for rule in flag.rules.all())
    plan = billing.plan_of(organization_id) if needs_plan else ""
    return frozenset(
        flag.key for flag in flags if any(_fits(flag.key, rule, organization_id, plan) for rule in flag.rules.all())
    )


def permille_of(key: str, organization_id: UUID) -> int:
    """Return the place 0..999 of an organization for a flag: always the same, and another for another flag."""
    found = hashlib.sha256(f"{key}:{organization_id}".encode()).digest()
    return int.from_bytes(found[:8], "big") % 1000


_MANY = UUID(int=0)


def announce(organization_id: UUID = _MANY) -> None:
    """After the commit, let every process read its organizations' records again.

    One announcement empties whole catalogues: the default names nobody, for what concerns many.
    """
    transaction.on_commit(partial(catalog.announce_change, organization_id))


def _fits(key: str, rule: FlagRule, organization_id: UUID, plan: str) -> bool:
    if rule.kind == FlagRule.Kind.ORGANIZATION:
        return rule.value == str(organization_id)
    if rule.kind == FlagRule.Kind.PLAN:
        return rule.value == plan
    return permille_of(key, organization_id) < int(rule.value)
