"""Organizations that buy at a local Stripe, and processes of theirs that die. All of it is really committed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db import connections, transaction

import tenancy
from billing import ledger
from billing.accounts import open_account
from billing.entitlements.applying import subscription_of
from billing.features import SEATS
from billing.models import BillingAccount, Invoice, StripeEvent, StripeIntent, Subscription
from billing.services import recount
from billing.subscriptions import seats
from core.clock import now
from core.ids import new_id
from tenancy import TenantRecord
from tenants.catalog import load
from tests.support import plugin
from tests.support.buying import Mortal, Shop, collecting
from tests.support.stripe_server import StripeServer


@pytest.fixture(scope="module")
def buyers(world: Any, django_db_blocker: Any) -> Iterator[TenantRecord]:
    """An organization of the module's own: what happens here is really committed."""
    slug = f"buyers-{new_id().hex[-12:]}"
    made = plugin.run_as_owner(
        *(sys.executable, "-m", "tests.support.organizations"),
        *(slug, "Buyers' School", f"owner@{slug}.example", "Olga Owner"),
    )
    assert made.returncode == 0, made.stdout + made.stderr
    with django_db_blocker.unblock():
        yield load(UUID(made.stdout.split()[-1]))


@pytest.fixture
def shop(buyers: TenantRecord, settings: Any, django_db_blocker: Any) -> Iterator[Shop]:
    """An organization that has just begun its trial, and a Stripe to buy at."""
    with django_db_blocker.unblock(), collecting() as (delivered, url), StripeServer(webhook_url=url) as server:
        settings.STRIPE_SECRET_KEY = server.secret_key
        settings.STRIPE_WEBHOOK_SECRET = server.webhook_secret
        settings.STRIPE_API_URL = server.url
        with tenancy.platform():
            _begin_anew(buyers.id)
        yield Shop(server, buyers, delivered)
        connections.close_all()


@transaction.atomic
def _begin_anew(organization_id: UUID) -> None:
    """Forget what was bought at a Stripe that is gone; the ledger keeps that it came and went."""
    StripeEvent.objects.all().delete()
    own = {"organization_id": organization_id}
    account = BillingAccount.objects.select_for_update().get(**own)
    had = subscription_of(organization_id)
    for rows in (StripeIntent, Invoice, Subscription):
        rows.objects.filter(**own).delete()
    ledger.note(had, None, at=now())
    fresh = BillingAccount(id=account.id, **own)
    fresh.entitlements_version = account.entitlements_version
    fresh.save(force_update=True)
    seats.free(organization_id)  # of a page that was opened there
    open_account(organization_id)
    recount(organization_id, SEATS, 1)


@pytest.fixture(scope="module")
def mortal(world: Any) -> Iterator[Mortal]:
    """The process that forks buyers and lets them die."""
    found = Mortal()
    yield found
    found.close()
