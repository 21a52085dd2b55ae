"""Gauges of what the shared schema knows: taken with the thing, counted whole now and then."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest

import tenancy
from billing import api as billing
from billing import entitlements
from billing.accounts import open_account, open_missing
from billing.errors import BilledByStripe, QuotaExceeded
from billing.gauges import recount_fleet
from billing.models import BillingAccount, Quota, Subscription
from core.clock import now
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


def test_staff_put_an_organization_on_a_plan_without_charge_but_for_one_that_pays(acme_id: UUID) -> None:
    assert billing.assign(acme_id, plan="team", stripe_customer=None) == ("trial", None)
    row = Subscription.objects.exclude(state="canceled").get(organization_id=acme_id)
    assert (row.version.plan_id, row.state, row.is_comp, row.seats) == ("team", "active", True, 50)
    assert billing.assign(acme_id, plan="team", stripe_customer="cus_1") == ("team", None)
    assert Subscription.objects.filter(organization_id=acme_id).count() == 2

    Subscription.objects.filter(id=row.id).update(stripe_id="sub_1", is_comp=False)
    with pytest.raises(BilledByStripe):
        billing.assign(acme_id, plan="growth", stripe_customer="cus_1")
    assert billing.plan_of(acme_id) == "team"
    assert billing.assign(acme_id, plan="team", stripe_customer="cus_2") == ("team", "cus_1")

    Subscription.objects.filter(id=row.id).update(state="canceled")
    billing.assign(acme_id, plan="trial", stripe_customer="cus_2")
    row = Subscription.objects.exclude(state="canceled").get(organization_id=acme_id)
    assert (row.state, row.seats, row.trial_end_at is not None) == ("trialing", 50, True)
    assert not entitlements.apply(acme_id)


def test_a_plan_from_staff_is_opened_by_billing_where_billing_had_shut(acme_id: UUID) -> None:
    own = Subscription.objects.filter(organization_id=acme_id)
    own.update(state="read_only", read_only_at=now())

    billing.assign(acme_id, plan="team", stripe_customer=None)

    assert own.exclude(state="canceled").get().read_only_at is not None  # what the duty looks for
