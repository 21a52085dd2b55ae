"""What is still owed of a subscription that is over: before it is paid, nothing is bought anew."""

from __future__ import annotations

from uuid import UUID

from django.db.models import F

from billing.models import Invoice, Subscription

OWED = ("open", "uncollectible")


def of_former(organization_id: UUID) -> Invoice | None:
    """Return the oldest invoice of an ended subscription that is not paid, None where there is none. Platform only.

    One that staff void at Stripe is owed no more.
    """
    ended = Subscription.objects.filter(
        organization_id=organization_id, state=Subscription.State.CANCELED, stripe_id__isnull=False
    )
    rows = Invoice.objects.filter(
        organization_id=organization_id,
        status__in=OWED,
        total_minor__gt=F("paid_minor"),
        stripe_subscription__in=ended.values("stripe_id"),
    )
    return rows.order_by("issued_at").first()


def has_paid(organization_id: UUID) -> bool:
    """Return whether an organization has ever paid an invoice. Platform only."""
    return Invoice.objects.filter(organization_id=organization_id, status="paid", paid_minor__gt=0).exists()
