"""Growing and shrinking: first the figures, then just these, once; what is paid for is kept."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

import tenancy
from billing import gateway
from billing.models import Plan
from billing.tests.test_buying import BILLING, bought, post
from tests.support.buying import Shop


@pytest.fixture
def paying(shop: Shop, olga: Any) -> Shop:
    """acme with twelve seats of Team by the month, paid, in the middle of a month."""
    bought(shop, olga)
    shop.advance(days=15)
    assert shop.subscription.state == "active"
    return shop


def preview(person: Any, **change: Any) -> dict[str, Any]:
    answer = post(person, "plan-previews", change)
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def newest_invoice(person: Any) -> dict[str, Any]:
    found: dict[str, Any] = person.client().get("/api/v1/invoices/").json()["items"][0]
    return found


def test_more_seats_are_there_at_once_and_cost_what_was_shown(paying: Shop, olga: Any) -> None:
    shown = preview(olga, seats=20)

    answer = post(olga, "plan-changes", {"token": shown["token"]})

    assert answer.status_code == 200, answer.content
    assert shown["effective"] == "now"
    assert shown["due_now_minor"] > 0
    assert shown["due_now_minor"] == sum(line["amount_minor"] for line in shown["lines"]) + shown["tax_minor"]
    invoice = newest_invoice(olga)
    assert (invoice["total_minor"], invoice["tax_minor"], invoice["status"]) == (
        shown["due_now_minor"],
        shown["tax_minor"],
        "paid",
    )
    assert answer.json()["subscription"]["seats"] == 20
    assert next(line["value"] for line in answer.json()["entitlements"] if line["feature"] == "seats") == 20


def test_pressed_twice_a_change_is_one_and_its_figures_hold_only_once(paying: Shop, olga: Any) -> None:
    shown, stale = preview(olga, seats=20), preview(olga, seats=25)
    before = len(olga.client().get("/api/v1/invoices/").json()["items"])

    answers = [post(olga, "plan-changes", {"token": shown["token"]}) for _ in range(3)]
    late = post(olga, "plan-changes", {"token": stale["token"]})

    assert [answer.status_code for answer in answers] == [200] * 3
    assert (late.status_code, late.json()["code"]) == (409, "preview_stale")
    assert len(olga.client().get("/api/v1/invoices/").json()["items"]) == before + 1


def test_fewer_seats_are_billed_next_and_kept_until_then(paying: Shop, olga: Any) -> None:
    shown = preview(olga, seats=10)
    answer = post(olga, "plan-changes", {"token": shown["token"]})

    has = answer.json()["subscription"]
    assert (shown["effective"], shown["due_now_minor"]) == ("renewal", 0)
    assert (has["seats"], has["seats_kept"], has["kept_until"]) == (10, 12, has["period_end"])
    # Nobody joins on one that will not be paid for.
    assert next(line["value"] for line in answer.json()["entitlements"] if line["feature"] == "seats") == 10

    paying.advance(days=32)

    has = olga.client().get(BILLING).json()["subscription"]
    assert (has["seats"], has["seats_kept"]) == (10, None)
    assert newest_invoice(olga)["subtotal_minor"] == shown["next"]["total_minor"] - shown["next"]["tax_minor"]


def test_what_was_given_up_is_taken_up_again_without_paying_twice(paying: Shop, olga: Any) -> None:
    post(olga, "plan-changes", {"token": preview(olga, seats=10)["token"]})

    back = preview(olga, seats=12)
    assert (back["due_now_minor"], back["lines"]) == (0, [])
    more = preview(olga, seats=14)
    answer = post(olga, "plan-changes", {"token": more["token"]})

    # Two seats for what is left of the month, though Stripe was at ten.
    assert 0 < sum(line["amount_minor"] for line in more["lines"]) <= 2 * 700
    assert newest_invoice(olga)["total_minor"] == more["due_now_minor"]
    assert (answer.json()["subscription"]["seats"], answer.json()["subscription"]["seats_kept"]) == (14, None)


def test_seats_of_this_week_are_given_back_for_credit(paying: Shop, olga: Any) -> None:
    post(olga, "plan-changes", {"token": preview(olga, seats=20)["token"]})
    paying.advance(days=2)

    shown = preview(olga, seats=12)
    answer = post(olga, "plan-changes", {"token": shown["token"]})

    assert shown["effective"] == "now"
    assert shown["credit_minor"] > 0
    assert (answer.json()["subscription"]["seats"], answer.json()["subscription"]["seats_kept"]) == (12, None)
    assert paying.api.customers.retrieve(paying.account.stripe_customer).balance == -shown["credit_minor"]


def test_credit_is_taken_off_what_is_shown_and_what_is_charged(paying: Shop, olga: Any) -> None:
    """Seats given back, and others taken: the button says what the card is charged, the next invoice what is left."""
    post(olga, "plan-changes", {"token": preview(olga, seats=20)["token"]})
    paying.advance(days=2)
    given = preview(olga, seats=12)["credit_minor"]
    post(olga, "plan-changes", {"token": preview(olga, seats=12)["token"]})

    little, much = preview(olga, seats=13), preview(olga, seats=40)

    assert given > 0
    assert little["due_now_minor"] == 0
    assert sum(line["amount_minor"] for line in little["lines"]) + little["tax_minor"] == 0
    cost = -little["lines"][-1]["amount_minor"]
    assert little["next"]["total_minor"] == 13 * 700 + little["next"]["tax_minor"] - (given - cost)
    assert much["lines"][-1] == {"text": "Your credit", "amount_minor": -given, "quantity": None, "proration": False}
    post(olga, "plan-changes", {"token": much["token"]})
    customer = paying.account.stripe_customer
    charged = paying.api.charges.list({"customer": customer}).data[0]
    assert (charged.amount, charged.paid) == (much["due_now_minor"], True)
    assert paying.api.customers.retrieve(customer).balance == 0


def test_a_change_that_costs_no_more_than_the_credit_charges_nothing(paying: Shop, olga: Any) -> None:
    paying.api.customers.balance_transactions.create(
        paying.account.stripe_customer, {"amount": -100_000, "currency": "eur"}
    )
    shown = preview(olga, seats=20)
    before = len(paying.api.charges.list({"limit": 100}).data)

    assert post(olga, "plan-changes", {"token": shown["token"]}).status_code == 200

    assert (shown["due_now_minor"], shown["next"]["total_minor"]) == (0, 0)
    assert len(paying.api.charges.list({"limit": 100}).data) == before


def test_a_higher_plan_is_there_at_once_and_a_lower_one_is_kept(paying: Shop, olga: Any) -> None:
    up = preview(olga, plan="growth", seats=25)
    higher = post(olga, "plan-changes", {"token": up["token"]}).json()["subscription"]
    down = preview(olga, plan="team")
    lower = post(olga, "plan-changes", {"token": down["token"]}).json()

    assert (up["effective"], higher["plan"]["key"]) == ("now", "growth")
    assert (down["effective"], down["due_now_minor"]) == ("renewal", 0)
    assert (lower["subscription"]["plan"]["key"], lower["subscription"]["kept_plan"]["key"]) == ("team", "growth")
    assert next(line["value"] for line in lower["entitlements"] if line["feature"] == "priority_support") == 1


def test_a_year_is_paid_at_once_and_a_month_waits_for_its_end(paying: Shop, olga: Any) -> None:
    shown = preview(olga, interval="year")
    answer = post(olga, "plan-changes", {"token": shown["token"]})
    refused = post(olga, "plan-previews", {"interval": "month"})

    assert answer.json()["subscription"]["interval"] == "year"
    assert newest_invoice(olga)["total_minor"] == shown["due_now_minor"]
    assert (refused.status_code, refused.json()["reason"]) == (409, "paid_for_a_year")


def test_a_year_that_costs_something_else_by_now_is_shown_again(paying: Shop, olga: Any) -> None:
    shown = preview(olga, interval="year")
    paying.api.customers.balance_transactions.create(
        paying.account.stripe_customer, {"amount": -5000, "currency": "eur"}
    )

    stale = post(olga, "plan-changes", {"token": shown["token"]})
    again = preview(olga, interval="year")
    answer = post(olga, "plan-changes", {"token": again["token"]})

    assert (stale.status_code, stale.json()["code"]) == (409, "preview_stale")
    assert again["due_now_minor"] == pytest.approx(shown["due_now_minor"] - 5000, abs=2)
    assert answer.status_code == 200, answer.content


def test_attack_102_what_cannot_be_is_refused_in_words(paying: Shop, olga: Any) -> None:
    from billing.models import Quota

    Quota.objects.filter(organization_id=paying.organization.id, meter="seats").update(used=11)
    refusals = [
        post(olga, "plan-previews", change)
        for change in (
            {"seats": 10},
            {"seats": 9},
            {"plan": "start", "seats": 30},
            {"plan": "scale"},
            {},
        )
    ]

    assert [answer.json()["code"] for answer in refusals] == [
        "seats_in_use",
        "invalid",
        "change_not_possible",
        "invalid",
        "change_not_possible",
    ]
    assert refusals[0].json()["to_free"] == 1


def test_a_declined_card_changes_nothing(paying: Shop, olga: Any) -> None:
    shown = preview(olga, seats=40)
    paying.use_card("pm_card_chargeCustomerFail")

    refused = post(olga, "plan-changes", {"token": shown["token"]})

    assert (refused.status_code, refused.json()["code"]) == (409, "payment_refused")
    assert olga.client().get(BILLING).json()["subscription"]["seats"] == 12


def test_a_declined_card_leaves_given_up_what_was_given_up(paying: Shop, olga: Any) -> None:
    post(olga, "plan-changes", {"token": preview(olga, seats=10)["token"]})
    shown = preview(olga, seats=40)
    paying.use_card("pm_card_chargeCustomerFail")

    refused = post(olga, "plan-changes", {"token": shown["token"]})
    paying.refresh()

    assert (refused.status_code, refused.json()["code"]) == (409, "payment_refused")
    has = olga.client().get(BILLING).json()["subscription"]
    assert (has["seats"], has["seats_kept"]) == (10, 12)


def test_a_card_whose_bank_asks_is_confirmed_by_its_owner_who_comes_back_to_the_change(paying: Shop, olga: Any) -> None:
    paying.use_card("pm_card_authenticationRequiredOnSetup")
    shown = preview(olga, seats=20)

    refused = [post(olga, "plan-changes", {"token": shown["token"]}) for _ in range(2)]

    assert [answer.json()["code"] for answer in refused] == ["payment_needs_confirmation"] * 2
    assert olga.client().get(BILLING).json()["subscription"]["seats"] == 12
    page = post(olga, "card-confirmations", {"seats": 20, "interval": "month"}).json()["url"]
    card = {"number": "4000002500003155", "expiry": "12 / 34", "cvc": "123", "answer": "yes"}
    back = httpx.post(f"{page}/card", data=card, trust_env=False).headers["location"]
    assert parse_qs(urlsplit(back).query) == {"change": ["1"], "seats": ["20"], "interval": ["month"]}

    done = post(olga, "plan-changes", {"token": preview(olga, seats=20)["token"]})

    assert (done.status_code, done.json()["subscription"]["seats"]) == (200, 20)


@pytest.mark.parametrize("how", ["a flag", "a day", "the portal"])
def test_an_end_is_taken_back_however_it_was_set(paying: Shop, olga: Any, how: str) -> None:
    running = str(paying.subscription.stripe_id)
    ends = paying.subscription.period_end
    assert ends is not None
    if how == "a flag":
        post(olga, "cancellation", {"reason": "unused"})
    elif how == "a day":
        paying.api.subscriptions.update(running, {"cancel_at": int(ends.timestamp()) - 86_400})
    else:
        page = post(olga, "portal-sessions").json()["url"]
        httpx.post(f"{page}/cancellation", data={"subscription": running}, trust_env=False)
    at_stripe = paying.api.subscriptions.retrieve(running)
    paying.refresh()
    left = paying.subscription.cancel_at
    stale = preview_refused(olga)

    stayed = olga.client().delete("/api/v1/cancellation/")

    assert at_stripe.cancel_at is not None
    assert at_stripe.cancel_at_period_end is (how == "a flag")
    assert (left is not None, stale) == (True, "cancelled")
    assert (stayed.status_code, stayed.json()["cancel_at"]) == (200, None)
    assert paying.api.subscriptions.retrieve(running).cancel_at is None
    assert post(olga, "plan-previews", {"seats": 14}).status_code == 200


def preview_refused(person: Any) -> str:
    answer = post(person, "plan-previews", {"seats": 14})
    assert answer.status_code == 409
    return str(answer.json()["reason"])


def test_an_end_that_stripe_keeps_is_not_told_as_taken_back(paying: Shop, olga: Any, monkeypatch: Any) -> None:
    post(olga, "cancellation", {"reason": "unused"})
    monkeypatch.setattr(gateway, "update_subscription", lambda *args, **named: {})  # taken, and nothing comes of it

    refused = olga.client().delete("/api/v1/cancellation/")

    assert (refused.status_code, refused.json()["reason"]) == (409, "still_ends")


def test_figures_of_before_an_end_was_set_hold_no_more(paying: Shop, olga: Any) -> None:
    token = preview(olga, seats=20)["token"]
    ends = paying.subscription.period_end
    assert ends is not None
    paying.api.subscriptions.update(paying.subscription.stripe_id, {"cancel_at": int(ends.timestamp()) - 86_400})

    stale = post(olga, "plan-changes", {"token": token})

    assert (stale.status_code, stale.json()["code"]) == (409, "preview_stale")


def test_who_has_a_plan_that_is_sold_no_more_takes_more_seats_of_it(paying: Shop, olga: Any) -> None:
    with tenancy.platform():
        Plan.objects.filter(key="team").update(state=Plan.State.RETIRED)

    offered = {plan["key"]: plan["way"] for plan in olga.client().get(BILLING).json()["plans"]}
    answer = post(olga, "plan-changes", {"token": preview(olga, plan="team", seats=20)["token"]})

    assert (offered["team"], answer.status_code) == ("same", 200)
    assert answer.json()["subscription"]["seats"] == 20


def test_leaving_is_at_the_end_of_what_is_paid_for_and_can_be_taken_back(paying: Shop, olga: Any) -> None:
    ends = paying.subscription.period_end

    left = post(olga, "cancellation", {"reason": "unused", "comment": "Summer"})
    stayed = olga.client().delete("/api/v1/cancellation/")
    post(olga, "cancellation", {"reason": "too_expensive"})
    paying.advance(days=32)

    assert left.json()["cancel_at"] is not None
    assert left.json()["export"] == {"offered": True}
    assert stayed.json()["cancel_at"] is None
    assert ends is not None
    assert paying.subscription.state == "canceled"
    assert olga.client().get(BILLING).json()["subscription"]["state"] == "canceled"
