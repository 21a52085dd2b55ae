"""An organization that is deleted stops paying, whatever happens on the way, and its owner sees it before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

import tenancy
from billing import entitlements, gateway
from billing.dunning import steps
from billing.errors import BillingUnavailable
from billing.finance import reconciliation, stripe_books
from billing.meters import COUNTED
from billing.models import BillingAccount, Quota, StripeIntent, Subscription
from billing.subscriptions import intents, leaving
from billing.tests.test_buying import BILLING, TEAM, bought, post
from core.clock import now
from tenancy import catalog
from tenants.archive import deletion
from tenants.lifecycle import ending
from tenants.lifecycle.machine import transition
from tenants.lifecycle.notices import State as Notice
from tenants.lifecycle.rules import Event
from tenants.models import DeletionReport, LifecycleNotice, Organization
from tests.support.buying import Shop

DELETION = "/api/v1/organization/deletion/"
JSON = {"content_type": "application/json"}


@pytest.fixture
def paying(shop: Shop, olga: Any) -> Shop:
    """acme, a month into a monthly plan that is paid."""
    shop.end_trial()
    bought(shop, olga)
    assert shop.subscription.state == "active"
    return shop


def ask(person: Any) -> dict[str, str]:
    """Ask for the deletion as an owner does; return what the page said would happen, by code."""
    shown = person.client().get(DELETION).json()
    wish = {"slug": person.organization.slug, "token": shown["token"]}
    answer = person.client().post(DELETION, wish, **JSON)
    assert answer.status_code == 202, answer.content
    catalog.forget_all()
    return {effect["code"]: effect["words"] for effect in shown["effects"]}


def call_off(person: Any) -> dict[str, str]:
    shown = person.client().get(DELETION).json()
    assert person.client().delete(f"{DELETION}?token={shown['token']}").status_code == 200
    catalog.forget_all()
    return {effect["code"]: effect["words"] for effect in shown["effects"]}


def finish() -> None:
    """Let a worker finish what was begun more than a minute ago."""
    with tenancy.platform():
        StripeIntent.objects.filter(state="open").update(created_at=now() - timedelta(minutes=2))
        intents.finish_open()


def at_stripe(shop: Shop) -> list[tuple[str, bool]]:
    customer = shop.account.stripe_customer
    found = shop.api.subscriptions.list({"customer": customer, "status": "all"}).data
    return [(one.status, one.cancel_at_period_end) for one in found]


def begin(shop: Shop) -> None:
    """Let the day of the deletion come."""
    with tenancy.platform():
        Organization.objects.filter(id=shop.organization.id).update(delete_after=now() - timedelta(minutes=1))
        assert ending.begin_due() == 1
        LifecycleNotice.objects.filter(state=Notice.WAITING).update(state=Notice.SENT)
    catalog.forget_all()


def asked_to_delete(shop: Shop) -> DeletionReport:
    with tenancy.platform():
        deletion.ask(shop.organization.id)
        return DeletionReport.objects.get(organization_id=shop.organization.id)


def test_whoever_asks_for_the_deletion_is_told_and_pays_nothing_more(paying: Shop, olga: Any) -> None:
    said = ask(olga)
    with tenancy.platform():
        assert intents.finish_open() == 1  # nobody else makes the call: it is not left alone for a minute
    paying.refresh()

    assert said["plan_ends"].startswith("The plan ends on ")
    assert said["plan_ends"].endswith("Nothing is charged after that.")
    assert at_stripe(paying) == [("active", True)]
    assert paying.subscription.cancel_at == paying.subscription.period_end
    paying.server.advance(days=70)
    paying.refresh()
    assert at_stripe(paying) == [("canceled", True)]
    assert len(paying.api.invoices.list({"customer": paying.account.stripe_customer}).data) == 1


def test_an_organization_that_pays_nothing_is_told_nothing_of_money(shop: Shop, olga: Any) -> None:
    said = ask(olga)

    assert not {"plan_ends", "invoice_stays_due"} & said.keys()
    with tenancy.platform():
        assert not StripeIntent.objects.filter(organization_id=shop.organization.id, purpose=leaving.LEAVE).exists()


def test_a_year_that_is_paid_ends_with_the_organization_and_says_so(shop: Shop, olga: Any) -> None:
    shop.end_trial()
    bought(shop, olga, interval="year")

    said = ask(olga)

    assert "is not paid back" in said["plan_ends"]
    begin(shop)
    finish()
    assert [status for status, _ in at_stripe(shop)] == ["canceled"]
    assert shop.subscription.state == "canceled"


def test_called_off_the_plan_goes_on(paying: Shop, olga: Any) -> None:
    ask(olga)
    finish()
    paying.refresh()

    said = call_off(olga)
    finish()
    paying.refresh()

    assert "goes on, with 12 seats" in said["plan_goes_on"]
    assert at_stripe(paying) == [("active", False)]
    assert paying.subscription.cancel_at is None


def test_called_off_before_stripe_answered_the_last_word_holds(
    paying: Shop, olga: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*args: Any, **named: Any) -> Any:
        raise BillingUnavailable

    with monkeypatch.context() as down:
        down.setattr(gateway, "subscription", silent)
        ask(olga)
        finish()
        call_off(olga)
        finish()
    with tenancy.platform():
        waiting = StripeIntent.objects.filter(state="open").order_by("created_at").values_list("purpose", flat=True)
        assert list(waiting) == [leaving.LEAVE, leaving.STAY]
        for at, intent in enumerate(StripeIntent.objects.filter(state="open").order_by("id")):
            StripeIntent.objects.filter(id=intent.id).update(created_at=now() - timedelta(minutes=5 - at))
        assert intents.finish_open() == 2
    paying.refresh()

    assert at_stripe(paying) == [("active", False)]


def test_what_failed_before_it_was_called_off_does_not_come_after(paying: Shop, olga: Any) -> None:
    ask(olga)
    call_off(olga)
    with tenancy.platform():
        leave, stay = StripeIntent.objects.filter(state="open").order_by("created_at")
        intents.run(stay)  # the one before it ended in an error of ours, and is tried again
        intents.run(leave)
    paying.refresh()

    assert (leave.purpose, stay.purpose) == (leaving.LEAVE, leaving.STAY)
    assert at_stripe(paying) == [("active", False)]


def test_called_off_while_stripe_was_being_asked_the_plan_goes_on(
    paying: Shop, olga: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = gateway.update_subscription

    def slow(subscription: str, params: dict[str, Any], *, key: str) -> Any:
        if params.get("cancel_at_period_end"):
            call_off(olga)
            with tenancy.platform():
                intents.run(StripeIntent.objects.get(purpose=leaving.STAY))  # it finds nothing to take back yet
        return real(subscription, params, key=key)

    ask(olga)
    with tenancy.platform(), monkeypatch.context() as slowly:
        slowly.setattr(gateway, "update_subscription", slow)
        intents.run(StripeIntent.objects.get(purpose=leaving.LEAVE))
    paying.refresh()

    assert at_stripe(paying) == [("active", False)]
    assert paying.subscription.cancel_at is None


def test_whoever_died_behind_its_call_does_not_end_a_plan_that_goes_on(paying: Shop, olga: Any) -> None:
    ask(olga)
    with tenancy.platform():
        leave = StripeIntent.objects.get(purpose=leaving.LEAVE)
    call_off(olga)
    with tenancy.platform():
        intents.run(StripeIntent.objects.get(purpose=leaving.STAY))
        said = {"cancel_at_period_end": True, "cancellation_details": {"comment": leaving._COMMENT}}
        gateway.update_subscription(leave.request["subscription"], said, key=str(leave.id))  # and died
        intents.run(leave)
    assert at_stripe(paying) == [("active", False)]

    assert post(olga, "cancellation", {"reason": "unused", "comment": "We stop."}).status_code == 200
    with tenancy.platform():
        StripeIntent.objects.filter(id=leave.id).update(state="open")
        intents.run(StripeIntent.objects.get(id=leave.id))
    assert at_stripe(paying) == [("active", True)]  # of its owner: nobody takes that back


def test_what_its_owner_had_cancelled_before_stays_cancelled(paying: Shop, olga: Any) -> None:
    assert post(olga, "cancellation", {"reason": "unused", "comment": ""}).status_code == 200

    ask(olga)
    finish()
    said = call_off(olga)
    finish()
    paying.refresh()

    assert "as it was asked for before" in said["plan_still_ends"]
    assert at_stripe(paying) == [("active", True)]


def test_while_it_waits_what_is_owed_stays_open_and_nothing_can_be_bought(paying: Shop, olga: Any, alice: Any) -> None:
    ask(olga)
    finish()
    paying.refresh()
    owner = olga.client()

    assert owner.get(BILLING).status_code == 200
    assert owner.get("/api/v1/invoices/").json()["items"][0]["status"] == "paid"
    assert owner.get("/api/v1/cancellation/").status_code == 200
    assert post(olga, "cancellation", {"reason": "unused", "comment": ""}).status_code == 200
    assert post(olga, "portal-sessions").status_code == 201
    for path, body in (("checkout-sessions", TEAM), ("plan-previews", {"seats": 20}), ("plan-changes", {"token": "x"})):
        assert post(olga, path, body).json()["code"] == "organization_closing"
    back = owner.delete("/api/v1/cancellation/")
    assert (back.status_code, back.json()["reason"]) == (409, "closing")
    assert alice.client().get(BILLING).status_code == 403
    assert at_stripe(paying) == [("active", True)]


def test_bought_in_a_page_that_was_open_it_ends_as_well(shop: Shop, olga: Any) -> None:
    shop.end_trial()
    assert post(olga, "checkout-sessions", TEAM).status_code == 201
    ask(olga)
    shop.pay()
    shop.refresh()
    assert at_stripe(shop) == [("active", False)]

    with tenancy.platform():
        assert leaving.is_due()
        assert leaving.chase() == 1
    finish()
    with tenancy.platform():
        assert leaving.chase() == 0  # looks again, as no event has told us
        assert not leaving.is_due()

    assert at_stripe(shop) == [("active", True)]


def test_taken_back_at_stripe_it_is_ended_again(paying: Shop, olga: Any) -> None:
    ask(olga)
    finish()
    paying.api.subscriptions.update(paying.subscription.stripe_id, {"cancel_at_period_end": False})
    paying.refresh()

    with tenancy.platform():
        assert leaving.chase() == 1
    finish()

    assert at_stripe(paying) == [("active", True)]


def test_the_deletion_waits_until_stripe_has_ended_everything(
    shop: Shop, olga: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.end_trial()
    bought(shop, olga, interval="year")
    by_hand = shop.api.subscriptions.create(
        {"customer": shop.account.stripe_customer, "items": [{"price": _price_by_hand(shop)}]}
    )
    ask(olga)
    begin(shop)

    def silent(*args: Any, **named: Any) -> Any:
        raise BillingUnavailable

    with monkeypatch.context() as down:
        down.setattr(gateway, "subscriptions_of", silent)
        finish()
        waits = asked_to_delete(shop)
    assert (waits.state, waits.error_detail) == ("waiting", leaving.WAITS)

    finish()
    goes = asked_to_delete(shop)

    assert (goes.state, goes.error_detail) == ("queued", "")
    assert {status for status, _ in at_stripe(shop)} == {"canceled"}
    assert shop.api.subscriptions.retrieve(by_hand.id).status == "canceled"
    assert shop.subscription.state == "canceled"


def test_its_rows_wait_too(paying: Shop, olga: Any) -> None:
    """Whoever starts a failed deletion again comes past the place where it is asked for."""
    from tenants.lifecycle.parts import why_not_yet

    ask(olga)
    begin(paying)
    with tenancy.platform():
        StripeIntent.objects.filter(purpose=leaving.END).delete()
        assert why_not_yet(paying.organization.id) == leaving.WAITS
        assert StripeIntent.objects.filter(purpose=leaving.END, state="open").count() == 1
        assert why_not_yet(paying.organization.id) == leaving.WAITS
        assert StripeIntent.objects.filter(purpose=leaving.END, state="open").count() == 1
    finish()
    with tenancy.platform():
        assert why_not_yet(paying.organization.id) == ""
        StripeIntent.objects.filter(purpose=leaving.END).delete()  # the step is made again from the top
        assert why_not_yet(paying.organization.id) == ""


def test_what_comes_after_the_end_makes_no_rows_of_it(paying: Shop, olga: Any) -> None:
    ask(olga)
    begin(paying)
    with tenancy.platform():
        Quota.objects.filter(organization_id=paying.organization.id).delete()
    paying.api.subscriptions.cancel(paying.subscription.stripe_id)

    paying.refresh()

    assert paying.subscription.state == "canceled"
    with tenancy.platform():
        assert not Quota.objects.filter(organization_id=paying.organization.id).exists()


def test_a_gift_that_ends_after_the_deletion_makes_no_rows_of_it(acme: tenancy.TenantRecord) -> None:
    past = now() - timedelta(hours=1)
    with tenancy.platform():
        own = Subscription.objects.filter(organization_id=acme.id)
        own.update(state="trialing", is_comp=True, trial_end_at=past)
        BillingAccount.objects.filter(organization_id=acme.id).update(entitlements_until=past)
        Organization.objects.filter(id=acme.id).update(state="deleted")
        Quota.objects.filter(organization_id=acme.id).delete()

        steps.advance()
        assert own.get().state == "trialing"  # nothing is shut of who is gone
        entitlements.apply_due()

        assert not Quota.objects.filter(organization_id=acme.id).exists()
        Organization.objects.filter(id=acme.id).update(state="active")
        steps.advance()
        assert (own.get().state, Quota.objects.filter(organization_id=acme.id).count()) == ("read_only", len(COUNTED))


def test_deleted_and_still_charged_is_ended_and_stands_in_the_comparison(paying: Shop, olga: Any) -> None:
    """As every organization was that paid when it was deleted, before anybody saw to it."""
    with tenancy.platform():
        Organization.objects.filter(id=paying.organization.id).update(
            state="deleted", state_since=now() - timedelta(days=3)
        )
        _, differences = reconciliation.compare(stripe_books.read())
        assert [(one.kind, one.reference) for one in differences] == [
            ("subscription_of_nobody", paying.subscription.stripe_id)
        ]
        assert leaving.chase() == 1
        assert leaving.chase() == 0
    finish()

    assert at_stripe(paying) == [("canceled", False)]
    with tenancy.platform():
        _, differences = reconciliation.compare(stripe_books.read())
        assert differences == []
        StripeIntent.objects.update(ended_at=now() - timedelta(hours=2))
        leaving.chase()
        assert not StripeIntent.objects.filter(purpose=leaving.END).exists()


def test_the_comparison_finds_who_leaves_and_is_not_ended_and_nobody_else(paying: Shop, olga: Any) -> None:
    def found() -> list[str]:
        with tenancy.platform():
            return [one.kind for one in reconciliation.compare(stripe_books.read())[1]]

    assert found() == []
    with tenancy.platform():
        Organization.objects.filter(id=paying.organization.id).update(
            state="pending_deletion",
            returns_to="active",
            state_since=now() - timedelta(hours=2),
            delete_after=now() + timedelta(days=30),
        )
    assert found() == ["subscription_of_nobody"]
    paying.api.subscriptions.update(paying.subscription.stripe_id, {"cancel_at_period_end": True})
    assert found() == []


def test_what_stripe_refuses_is_not_asked_every_five_minutes(
    paying: Shop, olga: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(olga)
    with tenancy.platform():
        StripeIntent.objects.filter(purpose=leaving.LEAVE).update(state="refused", ended_at=now())
        assert leaving.chase() == 0
        StripeIntent.objects.filter(purpose=leaving.LEAVE).update(ended_at=now() - timedelta(hours=2))
        assert leaving.chase() == 1
        assert Subscription.objects.filter(organization_id=paying.organization.id).count() == 1


def test_what_is_unpaid_stays_due_and_is_said(paying: Shop, olga: Any) -> None:
    paying.use_card("pm_card_chargeCustomerFail")
    paying.server.advance(days=32)
    paying.refresh()
    assert paying.subscription.state == "past_due"

    assert ask(olga)["invoice_stays_due"] == "What is unpaid stays due."


def test_events_that_are_not_about_ending_ask_nothing_of_stripe(paying: Shop) -> None:
    with tenancy.platform():
        before = StripeIntent.objects.count()
    transition(paying.organization.id, Event.LIMIT, reason="Look")
    transition(paying.organization.id, Event.REACTIVATE)

    with tenancy.platform():
        assert StripeIntent.objects.count() == before


def _price_by_hand(shop: Shop) -> str:
    product = shop.api.products.create({"name": "By hand"})
    made = shop.api.prices.create(
        {"product": product.id, "currency": "eur", "unit_amount": 900, "recurring": {"interval": "month"}}
    )
    return str(made.id)
