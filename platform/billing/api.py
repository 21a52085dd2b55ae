"""What other packages may use of billing."""

from billing.accounts import assign, customer_of, organizations_of_customer, plan_of, plans_of
from billing.meters import STORAGE_BYTES
from billing.plans import PLANS, Plan
from billing.selectors import quotas_of, usage, used_in_all
from billing.services import add, commit, open_quotas, recount, release, reserve, set_limit

__all__ = [
    "PLANS",
    "STORAGE_BYTES",
    "Plan",
    "add",
    "assign",
    "commit",
    "customer_of",
    "open_quotas",
    "organizations_of_customer",
    "plan_of",
    "plans_of",
    "quotas_of",
    "recount",
    "release",
    "reserve",
    "set_limit",
    "usage",
    "used_in_all",
]
