"""Shapes of what an organization buys, as its owners see it."""

from __future__ import annotations

from rest_framework import serializers

from billing.countries import COUNTRIES

INTERVALS = ("month", "year")
CURRENCIES = ("usd", "eur", "gbp")
COLLECTIONS = ("card", "invoice")
STATES = ("trialing", "active", "past_due", "read_only", "canceled")
WAYS = ("up", "down", "same")
# What Stripe takes as feedback on a cancellation.
REASONS = (
    "too_expensive",
    "missing_features",
    "switched_service",
    "unused",
    "customer_service",
    "too_complex",
    "low_quality",
    "other",
)


class PlanKeyOut(serializers.Serializer):
    """A plan as it is named. ``rank`` orders plans, lowest first."""

    key = serializers.CharField()
    name = serializers.CharField()
    version = serializers.IntegerField()
    rank = serializers.IntegerField()


class SeatPricesOut(serializers.Serializer):
    """What a seat costs for one interval, in minor units; null where it is not sold so."""

    month = serializers.IntegerField(allow_null=True)
    year = serializers.IntegerField(allow_null=True)


class PlanOut(PlanKeyOut):
    """A plan that may be chosen. ``way`` is seen from the plan in force; on the public list always ``up``.

    ``prices`` by currency; ``overage`` by meter and currency, in major units for one GB or minute; ``features`` are
    what it brings at the least number of seats (null: without end), ``per_seat`` what each further seat adds.
    """

    seats_min = serializers.IntegerField()
    prices = serializers.DictField(child=SeatPricesOut())
    overage = serializers.DictField(child=serializers.DictField(child=serializers.CharField()))
    features = serializers.DictField(child=serializers.IntegerField(allow_null=True))
    per_seat = serializers.DictField(child=serializers.IntegerField())
    way = serializers.ChoiceField(choices=WAYS)


class PlansOut(serializers.Serializer):
    """The public price list, lowest plan first."""

    items = PlanOut(many=True)


class SubscriptionOut(serializers.Serializer):
    """What the organization has.

    ``seats`` is billed from the next period on; ``seats_kept`` and ``kept_plan`` may be used until ``kept_until``,
    because they are paid for until then, or were given (``is_kept_given``). ``recurring_minor`` is what one interval
    costs without tax and overage.
    """

    state = serializers.ChoiceField(choices=STATES)
    plan = PlanKeyOut()
    interval = serializers.ChoiceField(choices=INTERVALS)
    currency = serializers.ChoiceField(choices=CURRENCIES)
    seats = serializers.IntegerField()
    seats_used = serializers.IntegerField()
    seats_kept = serializers.IntegerField(allow_null=True)
    kept_until = serializers.DateTimeField(allow_null=True)
    kept_plan = PlanKeyOut(allow_null=True)
    is_kept_given = serializers.BooleanField()
    trial_end_at = serializers.DateTimeField(allow_null=True)
    period_start = serializers.DateTimeField(allow_null=True)
    period_end = serializers.DateTimeField(allow_null=True)
    past_due_since_at = serializers.DateTimeField(allow_null=True)
    read_only_at = serializers.DateTimeField(
        allow_null=True,
        help_text="Since when nothing may be changed; while a payment is late, or there are more people than seats, "
        "when that would begin.",
    )
    crowded_since_at = serializers.DateTimeField(
        allow_null=True,
        help_text="Since when more people may sign in than seats are paid for; null where it is not so.",
    )
    owes = serializers.BooleanField(
        help_text="Whether an invoice of a plan that is over is unpaid: before it is paid no other can be chosen."
    )
    cancel_at = serializers.DateTimeField(allow_null=True)
    is_comp = serializers.BooleanField()
    is_at_stripe = serializers.BooleanField(help_text="False for the trial, and for what staff gave.")
    seat_minor = serializers.IntegerField()
    recurring_minor = serializers.IntegerField()


class BuyerAddressOut(serializers.Serializer):
    """Where the buyer is."""

    line1 = serializers.CharField(allow_blank=True)
    line2 = serializers.CharField(allow_blank=True)
    city = serializers.CharField(allow_blank=True)
    postal_code = serializers.CharField(allow_blank=True)
    state = serializers.CharField(allow_blank=True)


class BillingAccountOut(serializers.Serializer):
    """Who buys, and how they pay. ``vat_state`` is what the tax authority said of the id, as far as Stripe knows."""

    legal_name = serializers.CharField(allow_blank=True)
    contacts = serializers.ListField(child=serializers.EmailField())
    country = serializers.CharField(allow_blank=True)
    address = BuyerAddressOut()
    vat_id = serializers.CharField(allow_blank=True)
    vat_state = serializers.ChoiceField(choices=["", "pending", "verified", "unverified"])
    po_number = serializers.CharField(allow_blank=True)
    currency = serializers.ChoiceField(choices=CURRENCIES)
    collection = serializers.ChoiceField(choices=COLLECTIONS)


class PaymentMethodOut(serializers.Serializer):
    """What will be charged, as people recognise it."""

    kind = serializers.CharField()
    brand = serializers.CharField(allow_blank=True)
    last4 = serializers.CharField(allow_blank=True)
    exp_month = serializers.IntegerField(allow_null=True)
    exp_year = serializers.IntegerField(allow_null=True)


class EntitlementOut(serializers.Serializer):
    """One feature as the organization has it. ``value`` null is without end; a switch is 1 or 0."""

    feature = serializers.CharField()
    kind = serializers.CharField()
    unit = serializers.CharField(allow_blank=True)
    name = serializers.CharField()
    words = serializers.CharField(allow_blank=True)
    value = serializers.IntegerField(allow_null=True)
    used = serializers.IntegerField(allow_null=True)
    reserved = serializers.IntegerField(allow_null=True)
    # DRF takes it out of the class before anything reads its own attribute of that name.
    source = serializers.ChoiceField(choices=["plan", "override"])  # type: ignore[assignment]
    expires_at = serializers.DateTimeField(allow_null=True)
    overage = serializers.ChoiceField(choices=["cap", "overage"], allow_null=True)


class BillingOut(serializers.Serializer):
    """Everything about what the organization buys."""

    is_configured = serializers.BooleanField(help_text="False where this platform has no payment provider.")
    subscription = SubscriptionOut(allow_null=True)
    account = BillingAccountOut()
    payment_method = PaymentMethodOut(allow_null=True)
    plans = PlanOut(many=True)
    entitlements = EntitlementOut(many=True)


class BuyerAddressIn(serializers.Serializer):
    """Where the buyer is."""

    line1 = serializers.CharField(max_length=200, allow_blank=True, required=False)
    line2 = serializers.CharField(max_length=200, allow_blank=True, required=False)
    city = serializers.CharField(max_length=100, allow_blank=True, required=False)
    postal_code = serializers.CharField(max_length=20, allow_blank=True, required=False)
    state = serializers.CharField(max_length=100, allow_blank=True, required=False)


class BillingAccountIn(serializers.Serializer):
    """Details to change; what is left out stays. The currency is chosen with the plan, and stays."""

    legal_name = serializers.CharField(max_length=200, allow_blank=True, required=False)
    contacts = serializers.ListField(child=serializers.EmailField(max_length=254), max_length=10, required=False)
    country = serializers.RegexField(r"^([A-Z]{2})?$", required=False, allow_blank=True)
    address = BuyerAddressIn(required=False)
    vat_id = serializers.RegexField(r"^[A-Z0-9 .-]{0,32}$", required=False, allow_blank=True)
    po_number = serializers.CharField(max_length=30, allow_blank=True, required=False)
    collection = serializers.ChoiceField(choices=COLLECTIONS, required=False)

    def validate_country(self, country: str) -> str:
        """Refuse letters that are no country's: Stripe makes no customer there."""
        if country and country not in COUNTRIES:
            raise serializers.ValidationError("This is no country. Choose one of the list.")
        return country


class InvoiceOut(serializers.Serializer):
    """An invoice as it stands at Stripe."""

    stripe_id = serializers.CharField()
    number = serializers.CharField(allow_blank=True)
    status = serializers.CharField()
    currency = serializers.ChoiceField(choices=CURRENCIES)
    subtotal_minor = serializers.IntegerField()
    tax_minor = serializers.IntegerField()
    total_minor = serializers.IntegerField()
    paid_minor = serializers.IntegerField()
    refunded_minor = serializers.IntegerField()
    reverse_charge = serializers.BooleanField()
    issued_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)
    paid_at = serializers.DateTimeField(allow_null=True)
    hosted_url = serializers.CharField(allow_blank=True)
    pdf_url = serializers.CharField(allow_blank=True)
    period_start = serializers.DateTimeField(allow_null=True)
    period_end = serializers.DateTimeField(allow_null=True)


class InvoicesOut(serializers.Serializer):
    """A page of invoices, newest first."""

    items = InvoiceOut(many=True)
    next = serializers.CharField(allow_null=True)


class CheckoutIn(serializers.Serializer):
    """What is to be bought."""

    plan = serializers.CharField(max_length=24)
    interval = serializers.ChoiceField(choices=INTERVALS)
    currency = serializers.ChoiceField(choices=CURRENCIES)
    seats = serializers.IntegerField(min_value=1, max_value=1_000_000)


class UrlOut(serializers.Serializer):
    """Where to go on."""

    url = serializers.CharField()


class ChangeIn(serializers.Serializer):
    """What is to be instead; what is left out stays."""

    plan = serializers.CharField(max_length=24, required=False)
    interval = serializers.ChoiceField(choices=INTERVALS, required=False)
    seats = serializers.IntegerField(min_value=1, max_value=1_000_000, required=False)


class ChangeConfirmedIn(ChangeIn):
    """The change whose figures were shown: the token says which, the rest is for people who read logs."""

    token = serializers.CharField(max_length=8000)


class PreviewLineOut(serializers.Serializer):
    """A line of the invoice that a change makes."""

    text = serializers.CharField(allow_blank=True)
    amount_minor = serializers.IntegerField()
    quantity = serializers.IntegerField(allow_null=True)
    proration = serializers.BooleanField()


class NextInvoiceOut(serializers.Serializer):
    """The next invoice after a change, as far as it is known: overage is added when it is made."""

    at = serializers.DateTimeField()
    total_minor = serializers.IntegerField()
    tax_minor = serializers.IntegerField()


class PlanPreviewOut(serializers.Serializer):
    """What a change costs. ``due_now_minor`` is with ``tax_minor``; what is given back is ``credit_minor``."""

    currency = serializers.ChoiceField(choices=CURRENCIES)
    effective = serializers.ChoiceField(choices=["now", "renewal"])
    lines = PreviewLineOut(many=True)
    due_now_minor = serializers.IntegerField()
    tax_minor = serializers.IntegerField()
    credit_minor = serializers.IntegerField()
    next = NextInvoiceOut()
    token = serializers.CharField()


class CancelIn(serializers.Serializer):
    """Why. Anything may be left unsaid but the reason."""

    reason = serializers.ChoiceField(choices=REASONS)
    comment = serializers.CharField(max_length=1000, allow_blank=True, default="")


class ExportOfferOut(serializers.Serializer):
    """Whether everything can be taken along."""

    offered = serializers.BooleanField()


class CancellationOut(serializers.Serializer):
    """When the subscription ends, null while it goes on, and what its end does, in sentences."""

    cancel_at = serializers.DateTimeField(allow_null=True)
    what_happens = serializers.ListField(child=serializers.CharField())
    export = ExportOfferOut()
