"""Trying, buying, growing, paying late and leaving, at a Stripe that really answers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import tenancy
from billing.api import finance
from core.clock import now
from tests.support.buying import Shop

BILLING = "/api/v1/billing/"
TEAM = {"plan": "team", "interval": "month", "currency": "eur", "seats": 12}


def post(person: Any, path: str, body: dict[str, Any] | None = None, **headers: str) -> Any:
    return person.client().post(f"/api/v1/{path}/", body or {}, content_type="application/json", headers=headers)


def bought(shop: Shop, person: Any, **choice: Any) -> dict[str, Any]:
    """Choose a plan and pay; return what the owner sees then."""
    answer = post(person, "checkout-sessions", {**TEAM, **choice})
    assert answer.status_code == 201, answer.content
    shop.pay()
    shop.refresh()
    seen: dict[str, Any] = person.client().get(BILLING).json()
    return seen


def test_a_plan_is_chosen_in_checkout_and_keeps_the_days_of_the_trial(shop: Shop, olga: Any) -> None:
    trial = shop.subscription

    seen = bought(shop, olga)

    has = seen["subscription"]
    assert (has["state"], has["plan"]["key"], has["seats"], has["interval"]) == ("trialing", "team", 12, "month")
    assert (has["seat_minor"], has["recurring_minor"], has["is_at_stripe"]) == (700, 8400, True)
    assert shop.subscription.id == trial.id
    assert abs((shop.subscription.trial_end_at - trial.trial_end_at).total_seconds()) < 2
    assert seen["payment_method"]["last4"] == "4242"
    values = {line["feature"]: line["value"] for line in seen["entitlements"]}
    assert (values["seats"], values["domains"]) == (12, 3)


def test_a_vat_id_from_before_there_was_a_customer_is_given_to_it(shop: Shop, olga: Any) -> None:
    patched = olga.client().patch(BILLING, {"vat_id": "DE 123456789"}, content_type="application/json")
    assert (patched.status_code, patched.json()["account"]["vat_state"]) == (200, "")

    seen = bought(shop, olga)

    (known,) = shop.api.customers.tax_ids.list(shop.account.stripe_customer).data
    assert (known.type, known.value) == ("eu_vat", "DE123456789")
    assert seen["account"]["vat_id"] == "DE123456789"
    assert seen["account"]["vat_state"] in ("pending", "verified")


def test_a_vat_id_that_stripe_refuses_keeps_nobody_from_buying(shop: Shop, olga: Any) -> None:
    olga.client().patch(BILLING, {"vat_id": "GB12345678"}, content_type="application/json")

    seen = bought(shop, olga)

    assert seen["subscription"]["is_at_stripe"]
    assert shop.api.customers.tax_ids.list(shop.account.stripe_customer).data == []
    assert (seen["account"]["vat_id"], seen["account"]["vat_state"]) == ("GB12345678", "unverified")


def test_pressed_twice_it_is_one_session_and_another_choice_closes_it(shop: Shop, olga: Any) -> None:
    first, again = (post(olga, "checkout-sessions", TEAM).json()["url"] for _ in range(2))
    other = post(olga, "checkout-sessions", {**TEAM, "seats": 30}).json()["url"]

    assert first == again
    assert other != first
    sessions = shop.api.checkout.sessions.list({"limit": 10}).data
    assert sorted(session.status for session in sessions) == ["expired", "open"]


def test_what_is_bought_is_not_bought_again(shop: Shop, olga: Any) -> None:
    bought(shop, olga)

    refused = post(olga, "checkout-sessions", TEAM)

    assert (refused.status_code, refused.json()["code"]) == (409, "already_subscribed")


def test_the_trial_ends_read_only_and_choosing_a_plan_opens_everything(shop: Shop, olga: Any) -> None:
    from tenants.api import load_organization

    post(olga, "portal-sessions")  # a customer, whose clock can be turned
    shop.advance(days=15)

    assert shop.subscription.state == "read_only"
    assert load_organization(shop.organization.id).state == "read_only"

    seen = bought(shop, olga)

    assert seen["subscription"]["state"] == "active"
    assert seen["subscription"]["read_only_at"] is None
    assert load_organization(shop.organization.id).state == "active"
    assert olga.client().get("/api/v1/invoices/").json()["items"][0]["status"] == "paid"


def test_what_is_bought_while_a_plan_is_given_takes_nothing_of_it_away(shop: Shop, olga: Any) -> None:
    until = now() + timedelta(days=40)
    with tenancy.platform():
        finance.give_plan(shop.organization.id, plan="growth", seats=40, until=until)
    given = {line["feature"]: line["value"] for line in olga.client().get(BILLING).json()["entitlements"]}

    seen = bought(shop, olga)

    has = {line["feature"]: line["value"] for line in seen["entitlements"]}
    assert has == given
    assert (has["seats"], shop.account.plan) == (40, "growth")
    shown = seen["subscription"]
    assert (shown["plan"]["key"], shown["seats"], shown["kept_plan"]["key"], shown["seats_kept"]) == (
        "team",
        12,
        "growth",
        40,
    )
    assert shown["is_kept_given"]
    assert shown["kept_until"][:10] == f"{until:%Y-%m-%d}"
    assert shop.api.invoices.list({"customer": shop.account.stripe_customer}).data[0].total == 0

    shop.advance(days=41)

    after = {line["feature"]: line["value"] for line in olga.client().get(BILLING).json()["entitlements"]}
    assert (after["seats"], after["domains"], shop.account.plan) == (12, 3, "team")
    assert olga.client().get(BILLING).json()["subscription"]["kept_until"] is None
    assert shop.subscription.given_until is None


def test_a_better_plan_than_the_given_one_is_had_at_once(shop: Shop, olga: Any) -> None:
    with tenancy.platform():
        finance.give_plan(shop.organization.id, plan="start", seats=10, until=now() + timedelta(days=40))

    seen = bought(shop, olga)

    has = {line["feature"]: line["value"] for line in seen["entitlements"]}
    assert (has["seats"], has["domains"], shop.account.plan) == (12, 3, "team")
    shown = seen["subscription"]
    assert (shown["kept_until"], shown["kept_plan"], shown["is_kept_given"]) == (None, None, False)


def test_of_a_lower_plan_that_was_given_the_seats_alone_are_said_to_be_kept(shop: Shop, olga: Any) -> None:
    until = now() + timedelta(days=40)
    with tenancy.platform():
        finance.give_plan(shop.organization.id, plan="start", seats=50, until=until)

    seen = bought(shop, olga)

    has = {line["feature"]: line["value"] for line in seen["entitlements"]}
    assert (has["seats"], has["domains"], shop.account.plan) == (50, 3, "team")
    shown = seen["subscription"]
    assert (shown["kept_until"][:10], shown["seats_kept"], shown["is_kept_given"]) == (f"{until:%Y-%m-%d}", 50, True)
    assert shown["kept_plan"] is None  # everything of the bought one works


def test_a_plan_that_was_given_can_be_bought_and_nobody_elses(shop: Shop, olga: Any) -> None:
    scale = {"plan": "scale", "interval": "month", "currency": "eur", "seats": 100}
    refused = post(olga, "checkout-sessions", scale)
    with tenancy.platform():
        finance.give_plan(shop.organization.id, plan="scale", seats=100, until=now() + timedelta(days=30))

    offered = [plan["key"] for plan in olga.client().get(BILLING).json()["plans"]]
    taken = post(olga, "checkout-sessions", scale)

    assert (refused.status_code, "scale" in offered) == (422, True)
    assert taken.status_code == 201, taken.content
