"""What other packages may use of tenants."""

from tenants.acts import note
from tenants.catalog import load as load_organization
from tenants.acts import note
from tenants.catalog import load as load_organization
from tenants.catalog import serving_organizations
from tenants.erasures import note_erasure
from tenants.hand_over import hand_over_start_url, redeem_hand_over
from tenants.selectors import all_hosts, current_release, hosts_of, owner_of

__all__ = [
    "all_hosts",
    "current_release",
    "hand_over_start_url",
    "hosts_of",
    "load_organization",
    "note",
    "load_organization",
    "note",
    "note_erasure",
    "owner_of",
    "redeem_hand_over",
    "serving_organizations",
]
