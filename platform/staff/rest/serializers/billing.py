"""Shapes of one organization's money. Amounts are minor units of the currency beside them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from billing.api import FEATURES, PLANS, finance
from core.clock import iso
from staff.rest.serializers.operations import ActIn

GIVEN = [key for key in PLANS if key != "trial"]


class PanelSubscription(serializers.Serializer):
    """What it has. ``counted_minor`` is what a month of it counts in the ledger."""

    state = serializers.CharField()
    plan = serializers.CharField()
    plan_name = serializers.CharField()
    version = serializers.IntegerField()
    newest_version = serializers.IntegerField(allow_null=True)
    interval = serializers.CharField()
    currency = serializers.CharField()
    seats = serializers.IntegerField()
    seats_used = serializers.IntegerField()
    seats_kept = serializers.IntegerField(allow_null=True)
    kept_until = serializers.DateTimeField(allow_null=True)
    trial_end_at = serializers.DateTimeField(allow_null=True)
    period_start = serializers.DateTimeField(allow_null=True)
    period_end = serializers.DateTimeField(allow_null=True)
    past_due_since_at = serializers.DateTimeField(allow_null=True)
    read_only_at = serializers.DateTimeField(allow_null=True)
    cancel_at = serializers.DateTimeField(allow_null=True)
    is_comp = serializers.BooleanField()
    is_at_stripe = serializers.BooleanField()
    stripe_id = serializers.CharField(allow_null=True)
    stripe_status = serializers.CharField(allow_blank=True)
    recurring_minor = serializers.IntegerField()
    counted_minor = serializers.IntegerField()


class BookedOut(serializers.Serializer):
    """What the ledger says a month brings."""

    currency = serializers.CharField()
    minor = serializers.IntegerField()


class PanelInvoice(serializers.Serializer):
    """An invoice. ``page`` is Stripe's own."""

    stripe_id = serializers.CharField()
    number = serializers.CharField(allow_blank=True)
    status = serializers.CharField()
    currency = serializers.CharField()
    total_minor = serializers.IntegerField()
    paid_minor = serializers.IntegerField()
    refunded_minor = serializers.IntegerField()
    dispute = serializers.CharField(allow_blank=True)
    issued_at = serializers.DateTimeField()
    page = serializers.CharField(allow_blank=True)


class PanelFeature(serializers.Serializer):
    """A feature as it has it. Null is without end; ``used`` null where nothing is counted."""

    feature = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField()
    unit = serializers.CharField(allow_blank=True)
    value = serializers.IntegerField(allow_null=True)
    used = serializers.IntegerField(allow_null=True)
    source = serializers.CharField()  # type: ignore[assignment]  # a field of ours, not the field's
    expires_at = serializers.DateTimeField(allow_null=True)
    note = serializers.CharField(allow_blank=True)


class CreditOut(serializers.Serializer):
    """Credit that was given; ``open`` while Stripe has not answered."""

    id = serializers.UUIDField()
    at = serializers.DateTimeField()
    amount_minor = serializers.IntegerField()
    currency = serializers.CharField()
    note = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=["open", "done", "refused"])


class PanelOut(serializers.Serializer):
    """Everything about one organization's money."""

    is_configured = serializers.BooleanField()
    subscription = PanelSubscription(allow_null=True)
    currency = serializers.CharField()
    customer = serializers.CharField(allow_null=True)
    customer_page = serializers.CharField(allow_blank=True)
    ahead_seconds = serializers.IntegerField()
    collection = serializers.CharField()
    payment_method = serializers.CharField(allow_blank=True)
    booked = BookedOut(many=True)
    is_booked = serializers.BooleanField()
    features = PanelFeature(many=True)
    invoices = PanelInvoice(many=True)
    credits = CreditOut(many=True)
    open_intents = serializers.IntegerField()


class GivenPlanIn(ActIn):
    """A plan, how many seats, until when, and why."""

    plan = serializers.ChoiceField(choices=GIVEN)
    seats = serializers.IntegerField(min_value=1, max_value=100_000)
    until = serializers.DateTimeField()


class TrialIn(ActIn):
    """Until when, and why."""

    until = serializers.DateTimeField()


class CreditIn(ActIn):
    """How much, and what the customer reads beside it."""

    amount_minor = serializers.IntegerField(min_value=1, max_value=finance.MOST_CREDIT_MINOR)
    currency = serializers.ChoiceField(choices=list(finance.CURRENCIES))
    note = serializers.CharField(max_length=200)


class OverrideIn(ActIn):
    """A value (null: without end; of a switch 1 or 0), until when (null: until it is taken back), and why."""

    value = serializers.IntegerField(min_value=0, allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)


class PreviewLine(serializers.Serializer):
    """A line of the invoice that a change would make."""

    text = serializers.CharField(allow_blank=True)
    amount_minor = serializers.IntegerField()
    quantity = serializers.IntegerField(allow_null=True)
    proration = serializers.BooleanField()


class PreviewNext(serializers.Serializer):
    """The next invoice after it."""

    at = serializers.DateTimeField()
    total_minor = serializers.IntegerField()
    tax_minor = serializers.IntegerField()


class VersionPreviewOut(serializers.Serializer):
    """What the newest version of its plan would cost, now and next."""

    currency = serializers.CharField()
    effective = serializers.ChoiceField(choices=["now", "renewal"])
    lines = PreviewLine(many=True)
    due_now_minor = serializers.IntegerField()
    tax_minor = serializers.IntegerField()
    credit_minor = serializers.IntegerField()
    next = PreviewNext()
    token = serializers.CharField()


class VersionChangeIn(ActIn):
    """The token of the figures that were shown, and why."""

    token = serializers.CharField(max_length=8000)


def panel_out(found: finance.Panel) -> dict[str, Any]:
    """Return an organization's money as :class:`PanelOut`."""
    account, shown = found.account, found.shown
    notes = {row.feature: row.note for row in found.overrides}
    booked = {currency: minor for currency, minor in found.booked.items() if minor}
    counted = {found.subscription.currency: found.counted_minor} if found.subscription and found.counted_minor else {}
    method = account.payment_method or {}
    return {
        "is_configured": shown["is_configured"],
        "subscription": _subscription(found),
        "currency": account.currency,
        "customer": account.stripe_customer,
        "customer_page": finance.page_at_stripe(account.stripe_customer or ""),
        "ahead_seconds": account.ahead_seconds,
        "collection": account.collection,
        "payment_method": f"{method['brand'] or method['kind']} {method['last4']}".strip() if method else "",
        "booked": [{"currency": currency, "minor": minor} for currency, minor in sorted(booked.items())],
        "is_booked": booked == counted,
        "features": [
            {
                "feature": line["feature"],
                "name": FEATURES[line["feature"]].name,
                "kind": line["kind"],
                "unit": line["unit"],
                "value": line["value"],
                "used": line["used"],
                "source": line["source"],
                "expires_at": line["expires_at"],
                "note": notes.get(line["feature"], ""),
            }
            for line in shown["entitlements"]
        ],
        "invoices": [
            {
                "stripe_id": row.stripe_id,
                "number": row.number,
                "status": row.status,
                "currency": row.currency,
                "total_minor": row.total_minor,
                "paid_minor": row.paid_minor,
                "refunded_minor": row.refunded_minor,
                "dispute": row.dispute,
                "issued_at": iso(row.issued_at),
                "page": row.hosted_url or finance.page_at_stripe(row.stripe_id),
            }
            for row in found.invoices
        ],
        "credits": [
            {
                "id": str(row.id),
                "at": iso(row.created_at),
                "amount_minor": row.request["amount_minor"],
                "currency": row.request["currency"],
                "note": row.request["note"],
                "state": row.state,
            }
            for row in found.credits
        ],
        "open_intents": found.open_intents,
    }


def _subscription(found: finance.Panel) -> dict[str, Any] | None:
    row, shown = found.subscription, found.shown["subscription"]
    if row is None or shown is None:
        return None
    same = (
        "state", "interval", "currency", "seats", "seats_used", "seats_kept", "kept_until", "trial_end_at",
        "period_start", "period_end", "past_due_since_at", "read_only_at", "cancel_at", "is_comp", "is_at_stripe",
        "recurring_minor",
    )  # fmt: skip
    return {
        **{name: shown[name] for name in same},
        "plan": shown["plan"]["key"],
        "plan_name": shown["plan"]["name"],
        "version": shown["plan"]["version"],
        "newest_version": found.newest_version,
        "stripe_id": row.stripe_id,
        "stripe_status": row.stripe_status,
        "counted_minor": found.counted_minor,
    }
