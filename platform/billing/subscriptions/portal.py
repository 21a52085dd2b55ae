"""Stripe's own page for what is paid with: cards, addresses and past invoices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from billing import gateway
from billing.models import StripeIntent
from billing.subscriptions import customers, intents
from billing.subscriptions.checkout import PAGE
from billing.subscriptions.intents import Purpose, Result
from tenancy.hosts import public_url
from tenants import api as tenants


def open_portal(organization_id: UUID, *, email: str = "", by: UUID | None = None) -> str:
    """Return the address of a portal session; it is good for minutes. Platform only.

    Raises:
        BillingNotConfigured, BillingUnavailable, ProviderRefused: see :mod:`billing.gateway`.
    """
    customer = customers.ensure(organization_id, email=email, by=by)
    page = public_url(tenants.load_organization(organization_id).host, PAGE)
    asked = {"params": {"customer": customer, "return_url": page}}
    return str((intents.ask(organization_id, "portal", asked, by=by).result or {})["url"])


def confirm_card(organization_id: UUID, wish: Mapping[str, Any], *, email: str = "", by: UUID | None = None) -> str:
    """Return the address at which a card is typed and confirmed with its bank; it leads back to ``wish`` on our page.

    A card that was confirmed there is charged for changes without its owner. One whose bank asks at every payment
    stays refused: another card, or paying by invoice, is the way then.

    Raises:
        BillingNotConfigured, BillingUnavailable, ProviderRefused: see :mod:`billing.gateway`.
    """
    customer = customers.ensure(organization_id, email=email, by=by)
    page = public_url(tenants.load_organization(organization_id).host, PAGE)
    back = f"{page}?{urlencode({'change': '1', **wish})}"
    after = {"type": "redirect", "redirect": {"return_url": back}}
    flow = {"type": "payment_method_update", "after_completion": after}
    asked = {"params": {"customer": customer, "return_url": page, "flow_data": flow}}
    return str((intents.ask(organization_id, "portal", asked, by=by).result or {})["url"])


def _open(intent: StripeIntent) -> Result:
    return {"url": gateway.create_portal(intent.request["params"], key=str(intent.id))["url"]}


intents.purpose("portal", Purpose(_open))
