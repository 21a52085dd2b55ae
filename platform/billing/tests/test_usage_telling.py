"""Overage through the real door: what was beyond the plan stands at Stripe's meter, and on the invoice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import tenancy
from billing import gateway
from billing.api import DELIVERED_BYTES, Hour, note_delivered
from billing.features import FEATURES
from billing.models import BillingAccount, Quota, StripeIntent, Subscription, UsageDay, UsageEvent
from billing.offers import newest_of
from billing.subscriptions.products import event_name
from billing.usage import caps, months, report, telling
from core.clock import now
from core.ids import new_id

if TYPE_CHECKING:
    from tests.support.buying import Shop

GB = 10**9


@pytest.fixture
def paying(shop: Shop) -> Shop:
    """The organization is a customer whose plan includes nothing more, and pays for what is beyond."""
    acme = shop.organization
    customer = gateway.create_customer({"name": "Acme"}, key=str(new_id()))["id"]
    gateway.ensure_meter(event_name(DELIVERED_BYTES), FEATURES[DELIVERED_BYTES].name)
    with tenancy.platform():
        UsageEvent.objects.filter(organization_id=acme.id).delete()
        UsageDay.objects.filter(organization_id=acme.id).delete()
        months.roll()
        months.recount()
        Quota.objects.filter(organization_id=acme.id, meter=DELIVERED_BYTES).update(plan_limit=GB, hard_limit=GB)
        BillingAccount.objects.filter(organization_id=acme.id).update(stripe_customer=customer)
        Subscription.objects.filter(organization_id=acme.id).update(
            version=newest_of("team"), stripe_id=f"sub_{new_id().hex}", state="active"
        )
        caps.choose(acme.id, {DELIVERED_BYTES: "overage"})
    return shop


def deliver(shop: Shop, amount: int) -> None:
    with tenancy.platform():
        amounts = {Hour(shop.organization.id, None, now().replace(minute=0, second=0, microsecond=0)): amount}
        assert note_delivered(f"log-{new_id()}", start=0, end=1, amounts=amounts)


def at_stripe(shop: Shop) -> int:
    api = shop.server.client().v1
    (meter,) = [found for found in api.billing.meters.list().data if found.event_name == event_name(DELIVERED_BYTES)]
    with tenancy.platform():
        customer = BillingAccount.objects.get(organization_id=shop.organization.id).stripe_customer
    today = int(now().replace(hour=0, minute=0, second=0, microsecond=0).timestamp())
    found = api.billing.meters.event_summaries.list(
        meter.id, {"customer": customer, "start_time": today - 86_400, "end_time": today + 2 * 86_400}
    )
    return int(sum(line.aggregated_value for line in found.data))


def run() -> int:
    with tenancy.platform():
        return telling.report_usage()


def test_what_is_beyond_stands_at_stripes_meter_once(paying: Shop) -> None:
    deliver(paying, 3 * GB)
    assert run() == 1
    assert run() == 0
    assert at_stripe(paying) == 2 * GB
    deliver(paying, 5)
    run()
    assert at_stripe(paying) == 2 * GB + 5


def test_an_answer_that_was_lost_does_not_count_twice(paying: Shop) -> None:
    deliver(paying, 3 * GB)
    run()
    with tenancy.platform():
        StripeIntent.objects.filter(purpose=report.PURPOSE).update(state="open", ended_at=None)
    assert run() == 1
    assert at_stripe(paying) == 2 * GB


def test_a_stripe_that_is_away_is_told_later(paying: Shop) -> None:
    deliver(paying, 3 * GB)
    paying.server.stop()
    assert run() == 0
    with tenancy.platform():
        assert report.is_due()
    paying.server.start()
    assert run() == 1
    assert at_stripe(paying) == 2 * GB
