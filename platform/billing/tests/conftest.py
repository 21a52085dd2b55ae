"""A local Stripe, and an organization that buys there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import tenancy
from tests.support.buying import Shop, collecting
from tests.support.stripe_server import StripeServer


@pytest.fixture
def shop(acme: tenancy.TenantRecord, settings: Any) -> Iterator[Shop]:
    """acme, on trial, with a Stripe to buy at."""
    with collecting() as (delivered, url), StripeServer(webhook_url=url) as server:
        settings.STRIPE_SECRET_KEY = server.secret_key
        settings.STRIPE_WEBHOOK_SECRET = server.webhook_secret
        settings.STRIPE_API_URL = server.url
        yield Shop(server, acme, delivered)
