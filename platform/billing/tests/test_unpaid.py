"""Nothing stays unpaid by going round it: by paying a later invoice, by leaving and coming back, by many others."""

from __future__ import annotations

from typing import Any

import pytest

import tenancy
from billing.models import Invoice
from billing.subscriptions import checkout, debts
from billing.tests.test_buying import BILLING, TEAM, bought, post
from billing.tests.test_changes import preview
from billing.tests.test_dunning import mails
from tenants.api import load_organization
from tests.support.buying import Shop

BUYER = {
    "legal_name": "Acme GmbH",
    "country": "DE",
    "address": {"line1": "Hafenstr. 1"},
    "contacts": ["books@acme.example"],
    "collection": "invoice",
}


def order(shop: Shop, person: Any, **choice: Any) -> Any:
    """Order by invoice; it is there at once."""
    assert person.client().patch(BILLING, BUYER, content_type="application/json").status_code == 200
    shop.end_trial()
    return post(person, "checkout-sessions", {**TEAM, **choice})


def open_invoices(shop: Shop) -> list[Any]:
    found = shop.api.invoices.list({"customer": shop.account.stripe_customer, "status": "open", "limit": 100}).data
    return sorted(found, key=lambda one: one.created)


def state(shop: Shop) -> str:
    with tenancy.platform():
        return str(load_organization(shop.organization.id).state)


def test_who_pays_the_latest_invoice_still_owes_the_one_before(shop: Shop, olga: Any) -> None:
    assert order(shop, olga, interval="year").status_code == 201
    shop.advance(days=25)
    more = preview(olga, seats=13)
    assert post(olga, "plan-changes", {"token": more["token"]}).status_code == 200
    year, seat = open_invoices(shop)
    shop.advance(days=6)
    shop.api.invoices.pay(seat.id, {"paid_out_of_band": True})
    at_stripe = shop.api.subscriptions.retrieve(shop.subscription.stripe_id)
    shop.refresh()

    assert at_stripe.status == "active"  # by the latest invoice alone
    assert shop.subscription.state == "past_due"
    assert shop.subscription.past_due_since_at is not None
    assert int(shop.subscription.past_due_since_at.timestamp()) == year.due_date
    shop.advance(days=14)
    assert (shop.subscription.state, state(shop)) == ("read_only", "read_only")

    shop.api.invoices.pay(year.id, {"paid_out_of_band": True})
    shop.refresh()
    assert (shop.subscription.state, state(shop)) == ("active", "active")


def test_an_invoice_that_is_not_due_yet_is_not_late(shop: Shop, olga: Any) -> None:
    assert order(shop, olga, interval="year").status_code == 201

    shop.advance(days=29)

    assert (shop.subscription.state, shop.subscription.past_due_since_at) == ("active", None)


def test_who_leaves_without_paying_pays_before_they_come_back(shop: Shop, olga: Any) -> None:
    assert order(shop, olga).status_code == 201
    assert post(olga, "cancellation", {"reason": "unused"}).status_code == 200
    shop.advance(days=32)
    assert shop.subscription.state == "canceled"
    (owed,) = open_invoices(shop)

    seen = olga.client().get(BILLING).json()["subscription"]
    again = post(olga, "checkout-sessions", TEAM)
    assert olga.client().patch(BILLING, {"collection": "card"}, content_type="application/json").status_code == 200
    by_card = post(olga, "checkout-sessions", TEAM)

    assert seen["owes"] is True
    assert [answer.status_code for answer in (again, by_card)] == [409, 409]
    assert (again.json()["code"], again.json()["reason"]) == ("change_not_possible", "unpaid")
    assert again.json()["url"] == owed.hosted_invoice_url
    assert owed.number in again.json()["detail"]
    assert state(shop) == "read_only"

    shop.api.invoices.pay(owed.id, {"paid_out_of_band": True})  # nobody has told us yet
    seen = bought(shop, olga)

    assert (seen["subscription"]["state"], seen["subscription"]["owes"]) == ("active", False)
    assert state(shop) == "active"


def test_who_left_owing_is_written_to_until_it_is_paid(shop: Shop, olga: Any) -> None:
    assert order(shop, olga).status_code == 201
    assert post(olga, "cancellation", {"reason": "unused"}).status_code == 200
    shop.advance(days=32)
    (owed,) = open_invoices(shop)

    def told() -> list[tuple[str, str]]:
        return [(to, subject) for to, subject in mails(shop) if owed.number in subject and "unpaid" in subject]

    first = told()
    shop.pass_time()
    again = told()
    shop.advance(days=8)
    week = told()
    shop.api.invoices.pay(owed.id, {"paid_out_of_band": True})
    shop.advance(days=15)

    assert sorted(to for to, _ in first) == ["books@acme.example", olga.email]
    assert (len(again), len(week), len(told())) == (2, 4, 4)


def test_what_staff_void_is_owed_no_more(shop: Shop, olga: Any) -> None:
    assert order(shop, olga).status_code == 201
    assert post(olga, "cancellation", {"reason": "unused"}).status_code == 200
    shop.advance(days=32)
    (owed,) = open_invoices(shop)

    shop.api.invoices.void_invoice(owed.id)

    assert post(olga, "checkout-sessions", TEAM).status_code == 201


def test_a_first_order_by_invoice_is_no_larger_than_what_is_lent_to_strangers(
    shop: Shop, olga: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkout, "FIRST_BY_INVOICE_MINOR", 12 * 700)

    refused = order(shop, olga, seats=13)
    taken = order(shop, olga, seats=12)

    assert (refused.status_code, refused.json()["reason"]) == (409, "first_by_invoice")
    assert "€84.00 at most" in refused.json()["detail"]
    assert taken.status_code == 201
    with tenancy.platform():
        Invoice.objects.filter(organization_id=shop.organization.id).update(status="paid", paid_minor=8400)
    (owed,) = open_invoices(shop)
    shop.api.invoices.pay(owed.id, {"paid_out_of_band": True})
    shop.api.subscriptions.cancel(shop.subscription.stripe_id)
    shop.refresh()
    assert order(shop, olga, seats=13).status_code == 201


def test_what_is_lent_to_strangers_is_not_outgrown_by_a_change(
    shop: Shop, olga: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkout, "FIRST_BY_INVOICE_MINOR", 13 * 700)
    assert order(shop, olga, seats=12).status_code == 201

    refused = post(olga, "plan-previews", {"seats": 14})
    shown = preview(olga, seats=13)

    assert (refused.status_code, refused.json()["reason"]) == (409, "first_by_invoice")
    assert post(olga, "plan-changes", {"token": shown["token"]}).status_code == 200
    (first, _) = open_invoices(shop)
    shop.api.invoices.pay(first.id, {"paid_out_of_band": True})
    shop.refresh()
    assert post(olga, "plan-previews", {"seats": 14}).status_code == 200


def test_a_trial_by_card_becomes_no_invoice_larger_than_that(
    shop: Shop, olga: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    bought(shop, olga)  # twelve seats, after the trial
    assert shop.subscription.state == "trialing"
    monkeypatch.setattr(checkout, "FIRST_BY_INVOICE_MINOR", 11 * 700)

    refused = olga.client().patch(BILLING, BUYER, content_type="application/json")
    monkeypatch.setattr(checkout, "FIRST_BY_INVOICE_MINOR", 12 * 700)
    shown = preview(olga, seats=13)
    taken = olga.client().patch(BILLING, BUYER, content_type="application/json")
    moved = post(olga, "plan-changes", {"token": shown["token"]})

    assert (refused.status_code, refused.json()["reason"]) == (409, "first_by_invoice")
    assert taken.status_code == 200
    assert moved.status_code == 409  # the figures were of a card
    assert shop.subscription.seats == 12


def test_what_was_written_off_of_a_plan_before_does_not_make_the_next_one_late(
    shop: Shop, olga: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert order(shop, olga).status_code == 201
    (owed,) = open_invoices(shop)
    shop.api.subscriptions.cancel(shop.subscription.stripe_id)
    shop.api.invoices.mark_uncollectible(owed.id)
    shop.refresh()
    # Bought under a release that asked for nothing before.
    monkeypatch.setattr(debts, "of_former", lambda organization_id: None)
    bought(shop, olga)
    shop.advance(days=20)

    assert (shop.subscription.state, state(shop)) == ("active", "active")


def test_an_invoice_behind_two_dozen_others_is_still_read(shop: Shop, olga: Any) -> None:
    assert order(shop, olga, interval="year").status_code == 201
    year = shop.api.invoices.list({"customer": shop.account.stripe_customer}).data[0]
    for number in range(26):  # each of them paid
        shop.server.advance(days=0.1)
        asked = {"items": [_seat_item(shop, 13 + number % 2)], "proration_behavior": "always_invoice"}
        shop.api.subscriptions.update(shop.subscription.stripe_id, asked)
    for one in open_invoices(shop):
        if one.id != year.id:
            shop.api.invoices.pay(one.id, {"paid_out_of_band": True})
    assert len(shop.api.invoices.list({"customer": shop.account.stripe_customer, "limit": 100}).data) > 25

    shop.advance(days=32)
    late = shop.subscription.past_due_since_at
    shop.api.invoices.pay(year.id, {"paid_out_of_band": True})
    shop.refresh()

    assert late is not None
    assert int(late.timestamp()) == year.due_date
    assert shop.subscription.state == "active"
    with tenancy.platform():
        assert Invoice.objects.get(stripe_id=year.id).status == "paid"


def _seat_item(shop: Shop, seats: int) -> dict[str, Any]:
    running = shop.api.subscriptions.retrieve(shop.subscription.stripe_id).to_dict()
    item = next(one for one in running["items"]["data"] if one.get("quantity"))
    return {"id": item["id"], "quantity": seats}


def test_late_without_an_invoice_is_late_since_the_period_began(shop: Shop) -> None:
    from billing.subscriptions.fold import _late_since, when

    item = {"current_period_start": 1_795_000_000}
    late = {"id": "sub_1", "status": "unpaid", "start_date": 1_790_000_000}
    at = when(1_796_000_000)
    assert at is not None

    assert _late_since(late, item, [], at) == when(1_795_000_000)
    assert _late_since({**late, "status": "active"}, item, [], at) is None
    paid = [{"id": "in_1", "status": "paid", "amount_remaining": 0}]
    assert _late_since({**late, "latest_invoice": "in_1"}, item, paid, at) is None
