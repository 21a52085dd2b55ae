"""Gauges of what the shared schema knows: taken with the thing, counted whole now and then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest

import tenancy
from billing import api as billing
from billing import entitlements
from billing.accounts import open_account, open_missing
from billing.errors import BilledByStripe, QuotaExceeded
from billing.gauges import recount_bound, recount_fleet
from billing.models import BillingAccount, Quota, Subscription
from core.clock import now
from events import schedule
from events.models import ScheduledJob
from tenants.domains import custom


@pytest.fixture
def acme_id(db: None, world: object) -> Iterator[UUID]:
    """acme's id, on the platform."""
    with tenancy.platform():
        yield world.organizations["acme"].id  # type: ignore[attr-defined]


def _used(organization_id: UUID, meter: str) -> int:
    return Quota.objects.get(organization_id=organization_id, meter=meter).used


def test_a_domain_is_taken_with_its_claim_and_given_back_with_its_end(acme_id: UUID) -> None:
    made = custom.claim(acme_id, "learn.acme.example.com")
    assert custom.claim(acme_id, "learn.acme.example.com").id == made.id
    assert _used(acme_id, billing.DOMAINS) == 1
    with pytest.raises(QuotaExceeded) as refused:
        custom.claim(acme_id, "more.acme.example.com")
    assert refused.value.members == {
        "meter": "domains",
        "needed": 1,
        "free": 0,
        "limit": 1,
        "plan": "trial",
        "next_plan": "team",
    }
    custom.release(acme_id, made.id)
    assert _used(acme_id, billing.DOMAINS) == 0
    custom.claim(acme_id, "more.acme.example.com")
    custom.release_all(acme_id)
    assert _used(acme_id, billing.DOMAINS) == 0


def test_the_fleets_gauges_are_made_equal_to_its_rows(acme_id: UUID) -> None:
    recount_fleet()  # whatever other tests of this run left behind
    assert recount_fleet() == 0
    Quota.objects.filter(organization_id=acme_id, meter=billing.DOMAINS).update(used=1)
    assert recount_fleet() == 1
    assert _used(acme_id, billing.DOMAINS) == 0


def test_accounts_that_a_release_before_did_not_open_are_opened(acme_id: UUID) -> None:
    open_missing()  # whatever other tests of this run left behind
    assert open_missing() == 0
    for model in (Quota, Subscription, BillingAccount):
        model.objects.filter(organization_id=acme_id).delete()
    with tenancy.bind(acme_id):
        billing.take(billing.SEATS)  # not yet counted, and nobody is kept out
    BillingAccount.objects.create(organization_id=acme_id, plan="growth")  # put there by staff
    assert open_missing() == 1
    row = Subscription.objects.get(organization_id=acme_id)
    assert (row.version.plan_id, row.state, row.is_comp, row.seats) == ("growth", "active", True, 25)
    open_account(acme_id)
    assert Subscription.objects.filter(organization_id=acme_id).count() == 1


def test_what_a_release_before_did_not_count_is_counted_as_soon_as_it_is_opened(acme_id: UUID) -> None:
    custom.claim(acme_id, "learn.acme.example.com")
    with tenancy.bind(acme_id):
        recount_bound()
    people = _used(acme_id, billing.SEATS)
    assert people > 0
    Quota.objects.filter(organization_id=acme_id, meter__in=[billing.SEATS, billing.DOMAINS]).delete()

    assert (open_missing(), open_missing()) == (1, 0)

    assert _used(acme_id, billing.DOMAINS) == 1
    recount = ScheduledJob.objects.get(organization_id=acme_id, name="billing.recount_seats")
    assert recount.next_run_at <= now()
    with tenancy.bind(acme_id):
        schedule.run(recount.id)
    assert _used(acme_id, billing.SEATS) == people
    recount.refresh_from_db()
    assert recount.next_run_at > now()


def test_whoever_pays_keeps_plan_and_customer_until_it_ends(acme_id: UUID) -> None:
    until = now() + timedelta(days=30)
    BillingAccount.objects.filter(organization_id=acme_id).update(stripe_customer="cus_1")
    billing.finance.give_plan(acme_id, plan="team", seats=50, until=until)
    own = Subscription.objects.filter(organization_id=acme_id).exclude(state="canceled")
    row = own.get()
    assert (row.version.plan_id, row.state, row.is_comp, row.seats) == ("team", "trialing", True, 50)

    own.update(stripe_id="sub_1", state="active", is_comp=False)
    with pytest.raises(BilledByStripe):
        billing.finance.give_plan(acme_id, plan="growth", seats=50, until=until)
    assert (own.get().id, billing.plan_of(acme_id), billing.customer_of(acme_id)) == (row.id, "team", "cus_1")

    own.update(state="canceled")
    billing.finance.give_plan(acme_id, plan="growth", seats=50, until=until)
    # Who it is at Stripe stays: what is told of it there, refunds and late payments, still finds the organization.
    assert (billing.plan_of(acme_id), billing.customer_of(acme_id)) == ("growth", "cus_1")
    assert not entitlements.apply(acme_id)


def test_a_plan_from_staff_is_opened_by_billing_where_billing_had_shut(acme_id: UUID) -> None:
    own = Subscription.objects.filter(organization_id=acme_id)
    own.update(state="read_only", read_only_at=now())

    billing.finance.give_plan(acme_id, plan="team", seats=50, until=now() + timedelta(days=30))

    assert own.exclude(state="canceled").get().read_only_at is not None  # what the duty looks for
