"""Everything about one organization's money, for staff. Rows only: Stripe is not asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings

from billing import entitlements, grants, ledger
from billing.entitlements.applying import subscription_of
from billing.finance.versions import newest_numbers
from billing.gateway import is_configured, is_live
from billing.models import BillingAccount, Invoice, Override, StripeIntent, Subscription
from billing.subscriptions import refreshing
from billing.subscriptions.shown import billing_out

_INVOICES = 12
_DASHBOARD = "https://dashboard.stripe.com"


@dataclass(frozen=True, slots=True)
class Panel:
    """One organization's money. ``shown`` is what its owners see; the rest is what staff see besides."""

    shown: dict[str, Any]
    account: BillingAccount
    subscription: Subscription | None
    counted_minor: int
    booked: dict[str, int]
    newest_version: int | None
    invoices: list[Invoice]
    overrides: list[Override]
    credits: list[StripeIntent]
    open_intents: int


def panel(organization_id: UUID) -> Panel:
    """Return it. Who may, and whether there is such an organization, are the caller's."""
    shown = billing_out(organization_id)
    account = BillingAccount.objects.get(organization_id=organization_id)
    subscription = subscription_of(organization_id)
    own = {"organization_id": organization_id}
    return Panel(
        shown=shown,
        account=account,
        subscription=subscription,
        counted_minor=ledger.counted_minor(subscription),
        booked=ledger.balances(organization_id),
        newest_version=newest_numbers().get(subscription.version.plan_id) if subscription else None,
        invoices=list(Invoice.objects.filter(**own).order_by("-issued_at")[:_INVOICES]),
        overrides=entitlements.overrides_of(organization_id),
        credits=grants.credits_of(organization_id),
        open_intents=StripeIntent.objects.filter(**own, state=StripeIntent.State.OPEN).count(),
    )


def read_again(organization_id: UUID) -> bool:
    """Read everything that Stripe has of an organization, fold it, and book what was not booked; say whether that
    changed anything. No transaction may be open.

    Raises:
        BillingNotConfigured, BillingUnavailable, ProviderRefused: see :mod:`billing.gateway`.
    """
    changed = refreshing.refresh(organization_id) if is_configured() else False
    return bool(ledger.catch_up(organization_id)) or changed


def page_at_stripe(stripe_id: str) -> str:
    """Return the address of Stripe's own page about an object of ours; empty where there is none to open."""
    if not stripe_id:
        return ""
    if settings.STRIPE_API_URL:
        return f"{settings.STRIPE_API_URL.rstrip('/')}/"
    kind = {"cus": "customers", "sub": "subscriptions", "in": "invoices"}.get(stripe_id.partition("_")[0], "search")
    return f"{_DASHBOARD}{'' if is_live() else '/test'}/{kind}/{stripe_id}"
