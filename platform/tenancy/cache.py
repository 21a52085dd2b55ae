"""Cache keys: an organization's keys carry its id and generation, the platform's say so, unbound code has none."""

from __future__ import annotations

from tenancy import binding


def make_key(key: str, key_prefix: str, version: int) -> str:
    """Django's KEY_FUNCTION.

    Raises:
        NoTenantBound: nothing is bound, so the key would be anyone's.
    """
    tenant = binding.target().tenant
    owner = f"t:{tenant.id}:{tenant.generation}" if tenant else "g"
    return f"{owner}:{key_prefix}:{version}:{key}"
