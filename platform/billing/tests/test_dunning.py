"""Late payments and ending trials: owners are told, learners last affected, paying opens everything at once."""

from __future__ import annotations

from typing import Any

import pytest

import tenancy
from billing.dunning import reminders, steps
from billing.models import Subscription
from billing.tests.test_buying import BILLING, TEAM, bought, post
from core.clock import now
from core.ids import new_id
from events.models import QueuedMail
from tenants.api import load_organization
from tests.support.buying import Shop


def mails(shop: Shop) -> list[tuple[str, str]]:
    with tenancy.platform():
        rows = QueuedMail.objects.filter(organization_id=shop.organization.id).order_by("id")
        return [(row.message["to"], row.message["subject"]) for row in rows]


@pytest.fixture
def late(shop: Shop, olga: Any) -> Shop:
    """acme, whose first payment after the trial failed a moment ago."""
    bought(shop, olga)
    olga.client().patch(BILLING, {"contacts": ["books@acme.example"]}, content_type="application/json")
    shop.use_card("pm_card_chargeCustomerFail")
    ends = shop.subscription.trial_end_at
    assert ends is not None
    shop.server.advance(to=int(ends.timestamp()) + 2 * 3600)
    shop.refresh()
    with tenancy.platform():
        QueuedMail.objects.all().delete()
    assert shop.subscription.state == "past_due"
    return shop


def test_owners_and_contacts_are_reminded_once_each_time_and_nobody_else(late: Shop, olga: Any) -> None:
    late.pass_time()
    late.pass_time()
    told = mails(late)
    late.advance(days=3)
    late.advance(days=4)
    late.advance(days=5)

    assert sorted(to for to, _ in told) == ["books@acme.example", olga.email]
    assert len(mails(late)) == 4 * 2
    assert {to for to, _ in mails(late)} == {"books@acme.example", olga.email}
    assert late.subscription.state == "past_due"


def test_an_invoice_that_was_sent_is_overdue_and_no_card_failed(shop: Shop, olga: Any) -> None:
    buyer = {
        "legal_name": "Acme GmbH",
        "country": "DE",
        "address": {"line1": "Hafenstr. 1"},
        "contacts": ["books@acme.example"],
        "collection": "invoice",
    }
    olga.client().patch(BILLING, buyer, content_type="application/json")
    shop.end_trial()
    assert post(olga, "checkout-sessions", TEAM).status_code == 201
    assert shop.subscription.state == "active"

    shop.advance(days=30, hours=2)
    shop.advance(days=1)

    assert shop.subscription.state == "past_due"
    (subject,) = {subject for to, subject in mails(shop) if to == "books@acme.example"}
    assert "overdue" in subject
    seen = olga.client().get(BILLING).json()
    assert (seen["account"]["collection"], seen["subscription"]["state"]) == ("invoice", "past_due")


def test_after_two_weeks_nothing_can_be_changed_and_paying_opens_it_at_once(late: Shop, olga: Any, leo: Any) -> None:
    seen = olga.client().get(BILLING).json()["subscription"]
    late.advance(days=13)
    works = load_organization(late.organization.id).state
    late.advance(days=1.2)

    assert works == "active"
    assert late.subscription.state == "read_only"
    assert load_organization(late.organization.id).state == "read_only"
    assert late.subscription.read_only_at is not None
    assert seen["read_only_at"] > seen["past_due_since_at"]
    assert leo.client().get("/api/v1/me/").status_code == 200

    late.use_card("pm_card_visa")
    owed = olga.client().get("/api/v1/invoices/").json()["items"][0]
    late.api.invoices.pay(owed["stripe_id"])
    late.refresh()

    assert late.subscription.state == "active"
    assert late.subscription.read_only_at is None
    assert load_organization(late.organization.id).state == "active"


def test_paid_while_it_was_to_be_deleted_it_is_open_when_that_is_called_off(late: Shop, olga: Any) -> None:
    from tenancy import catalog
    from tenants.api import LifecycleEvent, transition

    late.advance(days=14.2)
    assert load_organization(late.organization.id).state == "read_only"
    shown = olga.client().get("/api/v1/organization/deletion/").json()
    wish = {"slug": late.organization.slug, "token": shown["token"]}
    assert (
        olga.client().post("/api/v1/organization/deletion/", wish, content_type="application/json").status_code == 202
    )
    late.use_card("pm_card_visa")
    (owed,) = [one for one in late.api.invoices.list({"customer": late.account.stripe_customer}).data if one.amount_due]
    late.api.invoices.pay(owed.id)
    late.refresh()
    late.pass_time()
    assert (late.subscription.state, late.subscription.read_only_at is None) == ("active", False)
    assert load_organization(late.organization.id).state == "pending_deletion"

    catalog.forget_all()
    shown = olga.client().get("/api/v1/organization/deletion/").json()
    assert olga.client().delete(f"/api/v1/organization/deletion/?token={shown['token']}").json()["state"] == "read_only"
    late.pass_time()

    assert load_organization(late.organization.id).state == "active"
    assert late.subscription.read_only_at is None
    transition(late.organization.id, LifecycleEvent.LIMIT, reason="Abuse")  # and what staff shut stays shut
    late.pass_time()
    assert load_organization(late.organization.id).state == "read_only"


def test_what_staff_made_read_only_stays_it_whoever_pays(late: Shop, olga: Any) -> None:
    from tenants.api import LifecycleEvent, transition

    transition(late.organization.id, LifecycleEvent.LIMIT, reason="Abuse")
    late.advance(days=14.2)
    late.use_card("pm_card_visa")
    owed = olga.client().get("/api/v1/invoices/").json()["items"][0]
    late.api.invoices.pay(owed["stripe_id"])
    late.refresh()

    assert late.subscription.state == "active"
    assert load_organization(late.organization.id).state == "read_only"


def test_a_crash_between_the_subscription_and_the_organization_is_made_good(late: Shop, monkeypatch: Any) -> None:
    from billing.subscriptions import standing

    with monkeypatch.context() as dying:
        dying.setattr(standing, "settle", lambda organization_id: None)
        late.advance(days=14.2)
    assert late.subscription.state == "read_only"
    assert load_organization(late.organization.id).state == "active"

    late.pass_time()

    assert load_organization(late.organization.id).state == "read_only"


def test_paid_while_it_is_being_shut_it_ends_open(late: Shop, monkeypatch: Any) -> None:
    from billing.subscriptions import standing

    shut = standing._shut

    def paid_in_between(subscription: Subscription) -> None:
        Subscription.objects.filter(id=subscription.id).update(state="active", past_due_since_at=None)
        standing.settle(subscription.organization_id)  # by whoever folded the payment: nothing is shut yet
        shut(subscription)

    monkeypatch.setattr(standing, "_shut", paid_in_between)
    with tenancy.platform():
        Subscription.objects.filter(id=late.subscription.id).update(state="read_only")
        standing.settle(late.organization.id)

    with tenancy.platform():
        assert load_organization(late.organization.id).state == "active"
    assert late.subscription.read_only_at is None


def test_a_trial_is_told_to_end_and_with_a_plan_only_once(shop: Shop, olga: Any) -> None:
    post(olga, "portal-sessions")
    shop.advance(days=7.5)
    shop.advance(days=4)
    shop.advance(days=1.8)
    without = [subject for _, subject in mails(shop) if "trial" in subject]
    shop.advance(days=2)

    assert len(without) == 3
    assert len([subject for _, subject in mails(shop) if "trial" in subject]) == 3
    with tenancy.platform():
        assert reminders.remind() == 0


def test_who_cancels_in_the_trial_is_not_told_of_a_first_payment(shop: Shop, olga: Any) -> None:
    bought(shop, olga)
    assert post(olga, "cancellation", {"reason": "unused"}).status_code == 200

    shop.advance(days=11.5)
    cancelled = [subject for _, subject in mails(shop) if "Team begins on" in subject]
    assert olga.client().delete("/api/v1/cancellation/").status_code == 200
    shop.pass_time()

    assert cancelled == []
    assert len([subject for _, subject in mails(shop) if "Team begins on" in subject]) == 1


def test_whoever_can_never_be_settled_keeps_nobody_else_from_it(late: Shop, monkeypatch: Any) -> None:
    version = late.subscription.version
    with tenancy.platform():
        Subscription.objects.bulk_create(  # of organizations that are gone: newer than the one that waits
            Subscription(organization_id=new_id(), version=version, state="canceled", seats=5, folded_at=now())
            for _ in range(30)
        )
        Subscription.objects.filter(id=late.subscription.id).update(state="read_only", folded_at=None)
        monkeypatch.setattr(steps, "_A_RUN", 10)
        for _ in range(60):
            steps.advance()
            if load_organization(late.organization.id).state == "read_only":
                break

        assert load_organization(late.organization.id).state == "read_only"


def test_who_is_gone_or_has_another_plan_is_looked_at_no_more(late: Shop, olga: Any, monkeypatch: Any) -> None:
    from billing.subscriptions import standing
    from tenants.models import Organization

    settled: list[Any] = []
    ended = late.subscription

    def ours(found: Any) -> list[Any]:  # other tests of this run left whoever they left
        return [found] * (found == ended.organization_id)

    monkeypatch.setattr(standing, "settle", lambda found: settled.extend(ours(found)))
    with tenancy.platform():
        Subscription.objects.create(  # ended long ago, and another took its place
            organization_id=ended.organization_id, version=ended.version, state="canceled", seats=5
        )
        steps.advance()
        assert settled == []
        Subscription.objects.filter(id=ended.id).update(state="read_only")
        steps.advance()
        assert settled == [ended.organization_id]  # it is behind, and is brought along
        Organization.objects.filter(id=ended.organization_id).update(state="deleted")
        steps.advance()
        assert settled == [ended.organization_id]

        Subscription.objects.filter(id=ended.id).update(state="past_due")
        told: list[Any] = []
        monkeypatch.setattr(reminders, "_tell", lambda found, *how: told.extend(ours(found)) is None)
        reminders.remind()
        assert told == []
        Organization.objects.filter(id=ended.organization_id).update(state="active")
        reminders.remind()
        assert told == [ended.organization_id]
