"""Growing and shrinking: first the figures, then just these, once; what is paid for is kept."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

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
