"""What billing refuses."""

from __future__ import annotations

from core.errors import DomainError


class QuotaExceeded(DomainError):
    """The organization's limit leaves no room. Members: ``meter``, ``needed``, ``free`` and ``limit``."""

    code = "quota_exceeded"
    title = "There is no room left"
    status = 409


class UnknownMeter(LookupError):
    """The organization has no such quota: it was never provisioned, or the name is wrong."""


class UnknownPlan(DomainError):
    """There is no plan with this key."""

    code = "unknown_plan"
    title = "There is no such plan"
    status = 422


class CustomerTaken(DomainError):
    """A customer at Stripe is one organization's."""

    code = "stripe_customer_taken"
    title = "Another organization has this customer id"
