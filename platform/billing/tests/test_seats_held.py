"""Seats are compared with people when a plan is asked for, and nobody joins on one that goes until it is there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

import tenancy
from billing import entitlements, gateway
from billing.api import finance
from billing.errors import ProviderRefused, QuotaExceeded
from billing.features import SEATS
from billing.models import Quota, Reservation, Subscription
from billing.services import release_expired, reserve_for, take_for
from billing.subscriptions import seats
from billing.tests.test_buying import TEAM, bought, post
from billing.tests.test_changes import preview
from core.clock import now
from core.ids import new_id
from tests.support.buying import Shop


def row(shop: Shop) -> Quota:
    with tenancy.platform():
        return Quota.objects.get(organization_id=shop.organization.id, meter=SEATS)


def join(shop: Shop, people: int = 1) -> None:
    with tenancy.platform():
        take_for(shop.organization.id, SEATS, people)


@pytest.fixture
def paying(shop: Shop, olga: Any) -> Shop:
    """acme with twelve seats of Team by the month, paid."""
    bought(shop, olga)
    shop.advance(days=15)
    assert row(shop).plan_limit == 12
    return shop


def while_stripe_is_asked(monkeypatch: Any, act: Callable[[], None]) -> None:
    """Let something happen while a change is on its way to Stripe."""
    real = gateway.update_subscription

    def slow(*args: Any, **named: Any) -> Any:
        act()
        return real(*args, **named)

    monkeypatch.setattr(gateway, "update_subscription", slow)


def test_who_joins_while_checkout_stands_open_has_a_seat_that_is_bought(shop: Shop, olga: Any) -> None:
    assert row(shop).plan_limit == 50
    assert post(olga, "checkout-sessions", TEAM).status_code == 201
    join(shop, 12 - row(shop).used)

    with pytest.raises(QuotaExceeded) as refused:
        join(shop)
    shop.pay()
    shop.refresh()

    assert refused.value.detail.startswith("A plan with 12 seats is being bought or changed right now, and 0 of them")
    has = row(shop)
    assert (has.used, has.plan_limit, has.hard_limit, has.reserved, has.over_since_at) == (12, 12, 12, 0, None)


def test_checkout_is_open_for_less_than_the_seats_are_held(shop: Shop, olga: Any) -> None:
    assert post(olga, "checkout-sessions", TEAM).status_code == 201

    session = shop.api.checkout.sessions.retrieve(shop.session)
    with tenancy.platform():
        held = Reservation.objects.get(organization_id=shop.organization.id, meter=SEATS, state="held")
    assert session.created + 30 * 60 < session.expires_at < held.expires_at.timestamp()


def test_another_choice_holds_for_itself_and_one_that_is_left_holds_nothing_for_good(shop: Shop, olga: Any) -> None:
    post(olga, "checkout-sessions", TEAM)
    post(olga, "checkout-sessions", {**TEAM, "seats": 20})
    join(shop, 20 - row(shop).used)
    with pytest.raises(QuotaExceeded):
        join(shop)

    with tenancy.platform():
        Reservation.objects.filter(organization_id=shop.organization.id).update(expires_at=now() - timedelta(seconds=1))
        release_expired()

    join(shop, 30)
    assert (row(shop).used, row(shop).reserved) == (50, 0)


def test_more_seats_than_there_are_hold_nothing(shop: Shop, olga: Any) -> None:
    post(olga, "checkout-sessions", {**TEAM, "seats": 80})

    assert row(shop).reserved == 0
    join(shop, 50 - row(shop).used)


def test_seats_that_staff_gave_are_there_while_others_are_bought(shop: Shop, olga: Any) -> None:
    with tenancy.platform():
        entitlements.grant_override(
            shop.organization.id, feature=SEATS, value=40, expires_at=None, note="A school year", made_by=new_id()
        )
    post(olga, "checkout-sessions", TEAM)

    join(shop, 40 - row(shop).used)
    with pytest.raises(QuotaExceeded):
        join(shop)


def test_seats_of_a_plan_that_was_given_stay_while_others_are_bought_and_changed(
    shop: Shop, olga: Any, monkeypatch: Any
) -> None:
    with tenancy.platform():
        finance.give_plan(shop.organization.id, plan="start", seats=40, until=now() + timedelta(days=60))
    assert post(olga, "checkout-sessions", TEAM).status_code == 201
    join(shop, 10 - row(shop).used)  # who come now are compared with what is bought all the same
    while_open = row(shop).reserved
    shop.pay()
    shop.refresh()
    while_stripe_is_asked(monkeypatch, lambda: join(shop, 15))

    answer = post(olga, "plan-changes", {"token": preview(olga, interval="year")["token"]})

    assert answer.status_code == 200, answer.content
    assert (answer.json()["subscription"]["interval"], while_open) == ("year", 0)
    has = row(shop)
    assert (has.used, has.plan_limit, has.hard_limit, has.reserved) == (25, 40, 40, 0)


def test_seats_of_a_gift_that_is_over_are_held_as_any(shop: Shop, olga: Any) -> None:
    with tenancy.platform():
        finance.give_plan(shop.organization.id, plan="start", seats=40, until=now() + timedelta(days=60))
        own = Subscription.objects.filter(organization_id=shop.organization.id, is_comp=True)
        own.update(trial_end_at=now() - timedelta(seconds=1))

    assert post(olga, "checkout-sessions", TEAM).status_code == 201

    assert row(shop).reserved == 40 - 12


def test_a_change_of_the_interval_alone_gives_back_what_was_held_for_it(
    paying: Shop, olga: Any, monkeypatch: Any
) -> None:
    def hold() -> None:
        with tenancy.platform():
            reserve_for(paying.organization.id, meter=SEATS, amount=2, life=seats.HELD_FOR)

    while_stripe_is_asked(monkeypatch, hold)

    answer = post(olga, "plan-changes", {"token": preview(olga, interval="year")["token"]})

    assert answer.status_code == 200, answer.content
    assert row(paying).reserved == 0


def test_who_joins_while_seats_are_given_up_is_within_what_is_left(paying: Shop, olga: Any, monkeypatch: Any) -> None:
    token = preview(olga, seats=10)["token"]
    join(paying, 10 - row(paying).used)
    came: list[str] = []

    def come() -> None:
        try:
            join(paying)
            came.append("in")
        except QuotaExceeded:
            came.append("refused")

    while_stripe_is_asked(monkeypatch, come)

    answer = post(olga, "plan-changes", {"token": token})

    assert (answer.status_code, came) == (200, ["refused"])
    has = row(paying)
    assert (has.used, has.plan_limit, has.hard_limit, has.reserved) == (10, 10, 10, 0)


def test_who_joined_after_the_figures_keeps_the_seat_and_the_change_is_refused(paying: Shop, olga: Any) -> None:
    token = preview(olga, seats=10)["token"]
    join(paying, 11 - row(paying).used)

    refused = post(olga, "plan-changes", {"token": token})

    assert (refused.status_code, refused.json()["code"], refused.json()["to_free"]) == (409, "seats_in_use", 1)
    assert paying.api.subscriptions.retrieve(paying.subscription.stripe_id).items.data[0].quantity == 12
    join(paying)
    assert row(paying).reserved == 0


def test_what_stripe_refuses_gives_the_seats_back(paying: Shop, olga: Any, monkeypatch: Any) -> None:
    def refuses(*args: Any, **named: Any) -> Any:
        raise ProviderRefused(reason="resource_missing")

    token = preview(olga, seats=10)["token"]
    monkeypatch.setattr(gateway, "update_subscription", refuses)

    assert post(olga, "plan-changes", {"token": token}).status_code == 409

    join(paying, 12 - row(paying).used)
    assert (row(paying).used, row(paying).reserved) == (12, 0)


def test_what_is_not_folded_yet_stays_held(paying: Shop, olga: Any, monkeypatch: Any) -> None:
    from billing.subscriptions import refreshing

    token = preview(olga, seats=10)["token"]
    with monkeypatch.context() as busy:
        busy.setattr(refreshing, "_apply", lambda *_: None)  # others fold first, again and again
        assert post(olga, "plan-changes", {"token": token}).status_code == 200

    join(paying, 10 - row(paying).used)
    with pytest.raises(QuotaExceeded):
        join(paying)
    paying.refresh()
    assert (row(paying).plan_limit, row(paying).reserved) == (10, 0)


def test_giving_back_twice_is_once(paying: Shop) -> None:
    with tenancy.platform():
        seats.free(paying.organization.id)
        seats.free(paying.organization.id)

    assert row(paying).reserved == 0
