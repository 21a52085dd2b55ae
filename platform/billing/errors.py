"""What billing refuses."""

from __future__ import annotations

from typing import Any

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


class BillingNotConfigured(DomainError):
    """This platform has no payment provider: nothing can be bought here."""

    code = "billing_not_configured"
    title = "Nothing can be bought here: this platform has no payment provider."
    status = 503


class BillingUnavailable(DomainError):
    """The payment provider does not answer. What was asked of it is finished by itself, once, when it does."""

    code = "payment_provider_unavailable"
    title = "The payment provider does not answer right now."
    status = 503

    def __init__(self, detail: str | None = None, **members: Any) -> None:
        super().__init__(
            detail
            or "The payment provider does not answer right now. Look again in a few minutes before you repeat it.",
            **{"retry_after_seconds": 60, **members},
        )


class ProviderRefused(DomainError):
    """The payment provider will not do this. Members: ``reason`` (its code) and ``at`` (what it is about)."""

    code = "payment_provider_refused"
    title = "The payment provider refused this"
    status = 409

    def __init__(self, detail: str | None = None, *, said: str = "", **members: Any) -> None:
        self.said = said  # for our logs: it names ids
        super().__init__(detail, **members)


class PaymentRefused(ProviderRefused):
    """The card was declined; ``detail`` says why in words for the payer."""

    code = "payment_refused"
    title = "The payment was refused"


class ConfirmationNeeded(PaymentRefused):
    """The bank wants to hear from the card's owner: they confirm the card at the payment provider, and ask again."""

    code = "payment_needs_confirmation"
    title = "Your bank wants to hear from you first. Nothing was changed or charged."


class PreviewStale(DomainError):
    """What was shown is not what would happen now: the subscription or the prices moved on."""

    code = "preview_stale"
    title = "Something changed since these figures were shown. Look at the new ones first."
    status = 409


class AlreadySubscribed(DomainError):
    """There is a subscription: it is changed, not bought a second time."""

    code = "already_subscribed"
    title = "There is a subscription already. Change its plan or its seats instead."
    status = 409


class CheckoutPaid(DomainError):
    """A checkout of this organization was just completed; it takes effect in a moment."""

    code = "checkout_completed"
    title = "Your purchase was just completed and takes effect in a moment."
    status = 409


class NoSubscription(DomainError):
    """There is nothing at the payment provider to change: a plan is chosen first."""

    code = "no_subscription"
    title = "Choose a plan first: there is no subscription to change yet."
    status = 409


class NotOnTrial(DomainError):
    """There is no trial, and no plan that was given until a day: nothing of it ends."""

    code = "not_on_trial"
    title = "There is no trial to make longer. Give a plan instead."
    status = 409


class SeatsInUse(DomainError):
    """Fewer seats than people who may sign in. Members: ``used`` and ``to_free``."""

    code = "seats_in_use"
    title = "More seats are in use than that"
    status = 409


class ChangeNotPossible(DomainError):
    """The plan cannot become this; ``detail`` says why, and what can be done."""

    code = "change_not_possible"
    title = "This change is not possible now"
    status = 409
