"""More people than seats that are paid for: told to owners, read-only after two weeks, open again by either way out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

import tenancy
from billing.clock import now_of
from billing.features import SEATS
from billing.models import Quota, Subscription
from billing.services import give_back_for, set_limit, take_for
from billing.subscriptions.crowds import letter_of
from billing.tests.test_buying import BILLING, bought, post
from billing.tests.test_changes import preview
from billing.tests.test_dunning import mails
from core.clock import iso, now
from events.models import QueuedMail
from tenancy import catalog
from tenants.api import load_organization
from tests.support.buying import Shop


def state(shop: Shop) -> str:
    with tenancy.platform():
        return str(load_organization(shop.organization.id).state)


def age(shop: Shop, days: float) -> None:
    """Let it have been so, and said, for so long."""
    since = now() - timedelta(days=days)
    told = shop.subscription.reminded | {letter_of(since, 0): iso(now_of(shop.account) - timedelta(days=days))}
    with tenancy.platform():
        Quota.objects.filter(organization_id=shop.organization.id, meter=SEATS).update(over_since_at=since)
        Subscription.objects.filter(id=shop.subscription.id).update(reminded=told)


@pytest.fixture
def crowded(shop: Shop, olga: Any) -> Shop:
    """acme with fifteen people, whose twelve seats somebody has made ten in Stripe's dashboard."""
    bought(shop, olga)
    shop.advance(days=15)
    with tenancy.platform():
        set_limit(shop.organization.id, SEATS, 15)
        used = Quota.objects.get(organization_id=shop.organization.id, meter=SEATS).used
        take_for(shop.organization.id, SEATS, 15 - used)
    running = shop.api.subscriptions.retrieve(shop.subscription.stripe_id).to_dict()
    item = next(one for one in running["items"]["data"] if one.get("quantity"))
    asked = {"items": [{"id": item["id"], "quantity": 10}], "proration_behavior": "none"}
    shop.api.subscriptions.update(running["id"], asked)
    shop.refresh()
    with tenancy.platform():
        QueuedMail.objects.all().delete()
        assert Quota.objects.get(organization_id=shop.organization.id, meter=SEATS).over_since_at is not None
    return shop


def test_owners_are_told_and_after_two_weeks_nothing_can_be_changed(crowded: Shop, olga: Any, leo: Any) -> None:
    crowded.pass_time()
    crowded.pass_time()
    first = mails(crowded)
    seen = olga.client().get(BILLING).json()["subscription"]
    age(crowded, 12.5)
    crowded.pass_time()
    works = state(crowded)
    age(crowded, 14.1)
    crowded.pass_time()

    assert [to for to, _ in first] == [olga.email]
    assert "15 people on 10 seats" in first[0][1]
    assert len(mails(crowded)) == 3
    assert seen["crowded_since_at"] is not None
    assert seen["read_only_at"] > seen["crowded_since_at"]
    assert (works, state(crowded)) == ("active", "read_only")
    assert crowded.subscription.state == "active"  # it is paid: the books say so
    assert leo.client().get("/api/v1/me/").status_code == 200


def test_nobody_is_shut_who_was_not_told_two_weeks_before(crowded: Shop, olga: Any) -> None:
    with tenancy.platform():
        rows = Quota.objects.filter(organization_id=crowded.organization.id, meter=SEATS)
        rows.update(over_since_at=now() - timedelta(days=40))

    crowded.pass_time()
    crowded.pass_time()
    first = mails(crowded)
    shown = olga.client().get(BILLING).json()["subscription"]
    crowded.advance(days=13)
    works = state(crowded)
    crowded.advance(days=2)

    assert [subject for _, subject in first] == ["Acme Academy: 15 people on 10 seats"]
    left = datetime.fromisoformat(shown["read_only_at"]) - now_of(crowded.account)
    assert left < timedelta(days=14)
    assert (works, state(crowded)) == ("active", "read_only")


def test_who_pays_what_was_overdue_has_two_weeks_for_the_seats_again(crowded: Shop) -> None:
    age(crowded, 13)
    crowded.use_card("pm_card_chargeCustomerFail")
    crowded.advance(days=50)
    shut = (crowded.subscription.state, state(crowded))
    age(crowded, 50)

    crowded.use_card("pm_card_visa")
    for invoice in crowded.api.invoices.list({"customer": crowded.account.stripe_customer, "status": "open"}).data:
        crowded.api.invoices.pay(invoice.id)
    crowded.refresh()
    crowded.pass_time()
    crowded.pass_time()

    assert shut == ("read_only", "read_only")
    assert (crowded.subscription.state, state(crowded)) == ("active", "active")


def test_more_seats_open_it_again(crowded: Shop, olga: Any) -> None:
    age(crowded, 15)
    crowded.pass_time()
    assert state(crowded) == "read_only"

    refused = post(olga, "plan-previews", {"seats": 14})
    answer = post(olga, "plan-changes", {"token": preview(olga, seats=15)["token"]})

    assert (refused.json()["code"], refused.json()["to_free"]) == ("seats_in_use", 1)
    assert answer.status_code == 200, answer.content
    assert answer.json()["subscription"]["crowded_since_at"] is None
    assert state(crowded) == "active"
    assert crowded.subscription.read_only_at is None


def test_fewer_people_open_it_again(crowded: Shop) -> None:
    age(crowded, 15)
    crowded.pass_time()
    shut = state(crowded)

    with tenancy.platform():
        give_back_for(crowded.organization.id, SEATS, 4)
    crowded.pass_time()
    still = state(crowded)
    with tenancy.platform():
        give_back_for(crowded.organization.id, SEATS, 1)
    crowded.pass_time()

    assert (shut, still, state(crowded)) == ("read_only", "read_only", "active")


def test_members_can_be_suspended_while_it_is_read_only(crowded: Shop, olga: Any, leo: Any) -> None:
    age(crowded, 15)
    crowded.pass_time()
    assert state(crowded) == "read_only"
    catalog.forget_all()  # within this test's transaction nobody hears of it
    client = olga.client()
    reason = {"reason": "Left the school"}

    suspended = client.put(f"/api/v1/members/{leo.id}/suspension/", reason, content_type="application/json")
    other = post(olga, "courses", {"title": "Another course"})
    restored = client.delete(f"/api/v1/members/{leo.id}/suspension/")
    catalog.forget_all()

    assert suspended.status_code == 200, suspended.content
    assert other.status_code == 423, other.content
    assert (restored.status_code, restored.json()["code"]) == (423, "organization_read_only")


def test_who_pays_for_no_seats_is_not_told_and_not_shut(shop: Shop, olga: Any) -> None:
    with tenancy.platform():
        take_for(shop.organization.id, SEATS, 5)
        set_limit(shop.organization.id, SEATS, 3)
    age(shop, 20)

    shop.pass_time()

    assert [subject for _, subject in mails(shop) if "seats" in subject] == []
    assert state(shop) == "active"
    assert olga.client().get(BILLING).json()["subscription"]["crowded_since_at"] is None
