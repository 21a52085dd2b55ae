"""HOW tenants work: the database backend, binding, host resolution, cache keys, tasks and tokens. No tables live here.

with tenancy.bind(organization_id): ...   # one organization's schema and role
with tenancy.platform(): ...              # the shared schema
"""

from tenancy.binding import (
    BindingInsideTransaction,
    NoTenantBound,
    bind,
    bind_as_sealer,
    current,
    current_or_none,
    is_frozen,
    platform,
    schema_owner,
)
from tenancy.record import Standing, TenantRecord

__all__ = [
    "BindingInsideTransaction",
    "NoTenantBound",
    "Standing",
    "TenantRecord",
    "bind",
    "bind_as_sealer",
    "current",
    "current_or_none",
    "is_frozen",
    "platform",
    "schema_owner",
]
