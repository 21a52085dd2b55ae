"""What an organization has: compiled from what it bought, what it keeps for now and what staff granted.

with tenancy.platform():
    entitlements.apply(organization_id)   # after anything of that changed
entitlements.require("sso")               # in a request bound to the organization: no query
"""

from billing.entitlements.applying import apply, apply_due
from billing.entitlements.checks import has, require
from billing.entitlements.overrides import grant_override, overrides_of, revoke_override
from billing.entitlements.records import of_many

__all__ = [
    "apply",
    "apply_due",
    "grant_override",
    "has",
    "of_many",
    "overrides_of",
    "require",
    "revoke_override",
]
