"""What other packages may use of tenants."""

from tenants.acts import note
from tenants.archive import desk as archives
from tenants.catalog import load as load_organization
from tenants.catalog import serving_organizations
from tenants.cells import desk as cells
from tenants.console import (
    READABLE,
    DomainLine,
    EventChoice,
    OrganizationCard,
    failed_steps,
    frozen_among,
    lifecycle_choices,
    living_organization_ids,
    organization_card,
    organization_domains,
    organization_history,
    organization_ids,
    organization_names,
    organization_states,
    sign_ups_per_day,
    state_counts,
)
from tenants.erasures import note_erasure
from tenants.fleet import desk as fleet
from tenants.fleet.ledger import WITH_SCHEMA, release_counts, releases_of, why_not_served
from tenants.gate import PENDING_DELETION, OrganizationClosing, OrganizationReadOnly
from tenants.hand_over import hand_over_start_url, redeem_hand_over
from tenants.lifecycle.effects import preview as transition_effects
from tenants.lifecycle.machine import Outcome, transition
from tenants.lifecycle.parts import Effect, LifecyclePart
from tenants.lifecycle.rules import DELETION_DELAY, Who
from tenants.lifecycle.rules import Event as LifecycleEvent
from tenants.provisioning.pool import Pool
from tenants.provisioning.pool import look as warm_pool
from tenants.schema.size import schema_size
from tenants.selectors import all_hosts, current_release, deletion_day, hears_events, hosts_of, owner_of

__all__ = [
    "DELETION_DELAY",
    "PENDING_DELETION",
    "READABLE",
    "WITH_SCHEMA",
    "DomainLine",
    "Effect",
    "EventChoice",
    "LifecycleEvent",
    "LifecyclePart",
    "OrganizationCard",
    "OrganizationClosing",
    "OrganizationReadOnly",
    "Outcome",
    "Pool",
    "Who",
    "all_hosts",
    "archives",
    "cells",
    "current_release",
    "deletion_day",
    "failed_steps",
    "fleet",
    "frozen_among",
    "hand_over_start_url",
    "hears_events",
    "hosts_of",
    "lifecycle_choices",
    "living_organization_ids",
    "load_organization",
    "note",
    "note_erasure",
    "organization_card",
    "organization_domains",
    "organization_history",
    "organization_ids",
    "organization_names",
    "organization_states",
    "owner_of",
    "redeem_hand_over",
    "release_counts",
    "releases_of",
    "schema_size",
    "serving_organizations",
    "sign_ups_per_day",
    "state_counts",
    "transition",
    "transition_effects",
    "warm_pool",
    "why_not_served",
]
