"""What other packages may use of billing."""

from billing.accounts import customer_of, organizations_of_customer, plan_of, plans_of, seat_price
from billing.catalog import next_plan
from billing.entitlements import apply, grant_override, has, overrides_of, require, revoke_override
from billing.features import FEATURES, Feature
from billing.finance import desk as finance
from billing.meters import DELIVERED_BYTES, DOMAINS, SEATS, STORAGE_BYTES, TRANSCODE_SECONDS
from billing.plans import PLANS, Plan
from billing.selectors import is_held, quotas_of, usage, used_in_all
from billing.services import (
    add,
    commit,
    give_back,
    give_back_for,
    open_quotas,
    recount,
    release,
    reserve,
    set_limit,
    take,
    take_for,
)
from billing.usage.caps import SPARE_PERCENT, may_deliver
from billing.usage.daily import amounts_by_day
from billing.usage.delivered import Hour, counted_to, note_delivered, positions
from billing.usage.noting import note_usage

__all__ = [
    "DELIVERED_BYTES",
    "DOMAINS",
    "FEATURES",
    "PLANS",
    "SEATS",
    "SPARE_PERCENT",
    "STORAGE_BYTES",
    "TRANSCODE_SECONDS",
    "Feature",
    "Hour",
    "Plan",
    "add",
    "amounts_by_day",
    "apply",
    "commit",
    "counted_to",
    "customer_of",
    "finance",
    "give_back",
    "give_back_for",
    "grant_override",
    "has",
    "is_held",
    "may_deliver",
    "next_plan",
    "note_delivered",
    "note_usage",
    "open_quotas",
    "organizations_of_customer",
    "overrides_of",
    "plan_of",
    "plans_of",
    "positions",
    "quotas_of",
    "recount",
    "release",
    "require",
    "reserve",
    "revoke_override",
    "seat_price",
    "set_limit",
    "take",
    "take_for",
    "usage",
    "used_in_all",
]
