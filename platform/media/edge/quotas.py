"""How much of what CloudFront lets an account have. Pure.

The defaults are those of the guide's page of quotas ("Quotas", CloudFront Developer Guide, read November 2026); what
Service Quotas says of the account goes before them.
"""

from __future__ import annotations

from collections.abc import Mapping

PUBLIC_KEYS = "public_keys"
KEY_GROUPS = "key_groups"
KEYS_IN_GROUP = "keys_in_group"
GROUPS_IN_BEHAVIOUR = "groups_in_behaviour"
BEHAVIOURS = "behaviours"
ALIASES = "aliases"
TENANTS = "distribution_tenants"
STORE_BYTES = "store_bytes"

DEFAULTS: Mapping[str, int] = {
    PUBLIC_KEYS: 10,
    KEY_GROUPS: 10,
    KEYS_IN_GROUP: 5,
    GROUPS_IN_BEHAVIOUR: 4,
    BEHAVIOURS: 75,
    ALIASES: 100,
    TENANTS: 10_000,
    STORE_BYTES: 5 * 1024 * 1024,
}
WORDS: Mapping[str, str] = {
    PUBLIC_KEYS: "public keys of the account",
    KEY_GROUPS: "key groups of the account",
    KEYS_IN_GROUP: "public keys in one key group",
    GROUPS_IN_BEHAVIOUR: "key groups of one cache behaviour",
    BEHAVIOURS: "cache behaviours of one distribution",
    ALIASES: "domain names of one distribution",
    TENANTS: "distribution tenants of the account",
    STORE_BYTES: "bytes of the function's key-value store",
}
# Behaviours and names left free in each pool: for what is changed by hand, and for the next release.
KEPT_FREE = 5
# Keys an organization has at rest; a third one is there while a rotation runs out.
KEYS_EACH = 2


def limit(quotas: Mapping[str, int], name: str) -> int:
    """Return what there may be of something."""
    return quotas.get(name, DEFAULTS[name])


def room(quotas: Mapping[str, int], used: Mapping[str, int], name: str) -> int:
    """Return how many more there may be."""
    return limit(quotas, name) - used.get(name, 0)


def short(quotas: Mapping[str, int], used: Mapping[str, int], name: str) -> str:
    """Return the words of a quota that is used up: what, how much, what to do."""
    how_much = f"{used.get(name, 0)} of {limit(quotas, name)}"
    return f"CloudFront's quota of {WORDS[name]} is used up: {how_much}. Ask AWS for more."


def nearly(quotas: Mapping[str, int], used: Mapping[str, int]) -> list[str]:
    """Return words for each quota of which less than a tenth is left."""
    low = [name for name in used if name in DEFAULTS and room(quotas, used, name) * 10 <= limit(quotas, name)]
    return [f"{used[name]} of {limit(quotas, name)} {WORDS[name]}" for name in sorted(low)]
