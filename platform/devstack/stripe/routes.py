"""Every operation of the API that is spoken here."""

from __future__ import annotations

from devstack.stripe import (
    balance,
    charges,
    checkout,
    clocks,
    customers,
    invoice_calls,
    meters,
    payment_methods,
    portal,
    prices,
    products,
    subscription_calls,
    tax_ids,
    webhooks,
)
from devstack.stripe.calls import Route

ROUTES: list[Route] = [
    *customers.ROUTES,
    *tax_ids.ROUTES,
    *balance.ROUTES,
    *products.ROUTES,
    *prices.ROUTES,
    *meters.ROUTES,
    *payment_methods.ROUTES,
    *checkout.ROUTES,
    *portal.ROUTES,
    *subscription_calls.ROUTES,
    *invoice_calls.ROUTES,
    *charges.ROUTES,
    *webhooks.ROUTES,
    *clocks.ROUTES,
]
