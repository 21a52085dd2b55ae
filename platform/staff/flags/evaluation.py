"""Which flags an organization has. Decided when its record is read, so asking costs nothing afterwards.

``settings.TENANT_FLAGS`` names :func:`flags_of_many`; product code asks :func:`tenancy.flags.enabled`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import Prefetch

from billing import api as billing
from staff.models import FeatureFlag, FlagRule
from tenancy import catalog


def flags_of(organization_id: UUID) -> frozenset[str]:
    """Return the keys of the flags that are on for an organization. Platform only."""
    return flags_of_many([organization_id])[organization_id]


def flags_of_many(organization_ids: Sequence[UUID]) -> dict[UUID, frozenset[str]]:
    """Return the same for several. Platform only: one to three statements, however many they are."""
    rules = FlagRule.objects.all()
    flags = list(FeatureFlag.objects.filter(kill=False).prefetch_related(Prefetch("rules", queryset=rules)))
    if not flags:
        return dict.fromkeys(organization_ids, frozenset())
    needs_plan = any(rule.kind == FlagRule.Kind.PLAN for flag in flags for rule in flag.rules.all())
    plans = billing.plans_of(organization_ids) if needs_plan else {}
    return {
        found: frozenset(
            flag.key
            for flag in flags
            if any(_fits(flag.key, rule, found, plans.get(found, "")) for rule in flag.rules.all())
        )
        for found in organization_ids
    }


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
