"""Billing's tables, all shared: what is sold, who bought it, what the payment provider said, and what is used."""

from billing.models.accounts import BillingAccount, Invoice, Override, Subscription
from billing.models.ledger import MrrMovement, Reconciliation
from billing.models.plans import Entitlement, Plan, PlanVersion
from billing.models.provider import StripeEvent, StripeIntent, StripeSweep
from billing.models.quotas import Quota, Reservation
from billing.models.usage import DeliveryLog, UsageAlert, UsageDay, UsageEvent

__all__ = [
    "BillingAccount",
    "DeliveryLog",
    "Entitlement",
    "Invoice",
    "MrrMovement",
    "Override",
    "Plan",
    "PlanVersion",
    "Quota",
    "Reconciliation",
    "Reservation",
    "StripeEvent",
    "StripeIntent",
    "StripeSweep",
    "Subscription",
    "UsageAlert",
    "UsageDay",
    "UsageEvent",
]
