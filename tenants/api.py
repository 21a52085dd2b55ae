"""What other packages may use of tenants."""

from tenants.acts import note
from tenants.catalog import load as load_organization
from tenants.catalog import serving_organizations
from tenants.console import (
    READABLE,
    WITH_SCHEMA,
    failed_steps,
    lifecycle_choices,
    organization_card,
    organization_domains,
    organization_history,
    organization_ids,
    organization_names,
    release_counts,
    releases_of,
    sign_ups_per_day,
    state_counts,
)
from tenants.erasures import note_erasure
from tenants.gate import OrganizationClosing, OrganizationReadOnly
from tenants.hand_over import hand_over_start_url, redeem_hand_over
from tenants.lifecycle.parts import LifecyclePart
from tenants.selectors import all_hosts, current_release, deletion_day, hosts_of, owner_of

__all__ = [
    "READABLE",
    "WITH_SCHEMA",
    "LifecyclePart",
    "OrganizationClosing",
    "OrganizationReadOnly",
    "all_hosts",
    "current_release",
    "deletion_day",
    "failed_steps",
    "hand_over_start_url",
    "hosts_of",
    "lifecycle_choices",
    "load_organization",
    "note",
    "note_erasure",
    "organization_card",
    "organization_domains",
    "organization_history",
    "organization_ids",
    "organization_names",
    "owner_of",
    "redeem_hand_over",
    "release_counts",
    "releases_of",
    "serving_organizations",
    "sign_ups_per_day",
    "state_counts",
]
