"""Feature flags as product code asks for them: decided when the organization's record was read, so asking is free."""

from __future__ import annotations

from tenancy import binding


def enabled(key: str) -> bool:
    """Return whether the bound organization has the feature; False where none is bound. A key nobody made is off."""
    tenant = binding.current_or_none()
    return tenant is not None and key in tenant.flags
