"""Stripe's own page for what is paid with: cards, addresses and past invoices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from billing import gateway
from billing.subscriptions import customers
from billing.subscriptions.checkout import PAGE
from core.ids import new_id
from tenancy.hosts import public_url
from tenants import api as tenants


def open_portal(organization_id: UUID, *, email: str = "", by: UUID | None = None) -> str:
    """Return the address of a portal session; it is good for minutes. Platform only.

    Raises:
        BillingNotConfigured, BillingUnavailable, ProviderRefused: see :mod:`billing.gateway`.
    """
    customer = customers.ensure(organization_id, email=email, by=by)
    page = public_url(tenants.load_organization(organization_id).host, PAGE)
    return _open({"customer": customer, "return_url": page})


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
    return _open({"customer": customer, "return_url": page, "flow_data": flow})


def _open(params: Mapping[str, Any]) -> str:
    # No intent: it changes nothing, and its address lets whoever has it in. It is kept nowhere.
    return str(gateway.create_portal(params, key=str(new_id()))["url"])
