"""What billing refuses."""

from __future__ import annotations

from core.errors import DomainError


class QuotaExceeded(DomainError):
    """The organization's limit leaves no room.

    Members: ``meter``, ``needed``, ``free``, ``limit``, ``plan``, and ``next_plan``: the nearest that brings more.
    """

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


class NotInPlan(DomainError):
    """The organization's plan does not bring this. Members: ``feature``, ``plan`` and ``next_plan``, which does."""

    code = "not_in_plan"
    title = "Your plan does not include this"
    status = 403


class UnknownFeature(DomainError):
    """There is no feature of this name."""

    code = "unknown_feature"
    title = "There is no such feature"
    status = 422


class NoOverride(DomainError):
    """Nothing is granted that could be taken back."""

    code = "no_override"
    title = "Nothing is granted here beside the plan"
    status = 404


class BilledByStripe(DomainError):
    """What an organization pays for is changed through its payment provider, where the money is."""

    code = "billed_by_stripe"
    title = (
        "This organization pays for its plan. Change the plan through its billing page, or end the subscription first."
    )
    status = 409


class NoBillingAccount(LookupError):
    """The organization has no account: it was never provisioned."""


class PlanDrift(Exception):
    """The catalogue changed a version of a plan that was written already."""


class OverageNotOffered(DomainError):
    """There is no paid plan to charge it to, or the plan has no price for it."""

    code = "overage_not_offered"
    title = "Choose a plan first"
