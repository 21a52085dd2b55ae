"""One organization that cannot be folded keeps no other waiting, and no act of its own from being told as done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine

import tenancy
from billing.dunning import reminders
from billing.errors import BillingUnavailable
from billing.inbox import sweeping
from billing.models import BillingAccount, StripeIntent, Subscription
from billing.subscriptions import customers, intents, refreshing
from billing.subscriptions.fold import UnknownPrice
from billing.tests.test_buying import TEAM, bought, post
from core.clock import now
from tests.support.buying import Shop


def by_hand(shop: Shop) -> str:
    """Let somebody put a price of their own on the running subscription, as in the dashboard; return the former one."""
    running = shop.api.subscriptions.retrieve(shop.subscription.stripe_id).to_dict()
    item = next(one for one in running["items"]["data"] if one.get("quantity"))
    price = shop.api.prices.create(
        {
            "currency": "eur",
            "product": item["price"]["product"],
            "unit_amount": 100,
            "recurring": {"interval": "month"},
        }
    )
    asked = {"items": [{"id": item["id"], "price": price.id}], "proration_behavior": "none"}
    shop.api.subscriptions.update(running["id"], asked)
    return str(item["price"]["id"])


def others_were_compared(*these: UUID) -> None:
    """Let whoever else is in the database, whatever committed them, be none of a comparison's business."""
    BillingAccount.objects.exclude(organization_id__in=these).update(compared_at=now() + timedelta(days=1))


def test_who_cannot_be_folded_keeps_nobody_from_being_compared(
    shop: Shop, olga: Any, globex: tenancy.TenantRecord, caplog: pytest.LogCaptureFixture
) -> None:
    bought(shop, olga)
    by_hand(shop)
    other = shop.api.customers.create({"name": "Globex"})
    with tenancy.platform():
        BillingAccount.objects.filter(organization_id=globex.id).update(
            stripe_customer=other.id, compared_at=now() - timedelta(days=3)
        )
        others_were_compared(shop.organization.id, globex.id)
        with caplog.at_level("WARNING", logger=sweeping.__name__):
            sweeping.compare()
        both = BillingAccount.objects.filter(organization_id__in=[shop.organization.id, globex.id])
        compared = dict(both.values_list("organization_id", "compared_at"))
        sweeping.compare()
        again = dict(both.values_list("organization_id", "compared_at"))

    assert compared[globex.id] > now() - timedelta(minutes=5)
    assert compared[shop.organization.id] is not None  # and does not stand at the head for ever
    assert again == compared
    (said,) = [one for one in caplog.records if one.getMessage() == "stripe.not_compared"]
    assert vars(said)["organization_id"] == str(shop.organization.id)
    assert vars(said)["why"] == "UnknownPrice"


def test_while_stripe_does_not_answer_nobody_counts_as_compared(shop: Shop, olga: Any, settings: Any) -> None:
    bought(shop, olga)
    with tenancy.platform():
        others_were_compared(shop.organization.id)
        settings.STRIPE_API_URL = "http://127.0.0.1:1"
        sweeping.compare()
        settings.STRIPE_API_URL = shop.server.url
        with time_machine.travel(now() + timedelta(minutes=61)):
            sweeping.compare()
            assert shop.account.compared_at > now() - timedelta(minutes=5)


def test_whom_stripe_does_not_answer_about_keeps_nobody_from_being_compared(
    shop: Shop, globex: tenancy.TenantRecord, monkeypatch: Any
) -> None:
    asked: list[UUID] = []

    def hangs_over_acme(organization_id: UUID) -> bool:
        asked.append(organization_id)
        if organization_id == shop.organization.id:
            raise BillingUnavailable
        return False

    monkeypatch.setattr(refreshing, "refresh", hangs_over_acme)
    monkeypatch.setattr(customers, "keep_address", lambda organization_id: None)
    with tenancy.platform():
        others_were_compared(shop.organization.id, globex.id)
        for whose, days in ((shop.organization, 5), (globex, 3)):
            BillingAccount.objects.filter(organization_id=whose.id).update(
                stripe_customer=f"cus_{whose.id.hex}", compared_at=now() - timedelta(days=days)
            )

        sweeping.compare()
        sweeping.compare()
        sweeping.compare()

        assert asked == [shop.organization.id, globex.id]
        with time_machine.travel(now() + timedelta(minutes=61)):
            sweeping.compare()
    assert asked[2:] == [shop.organization.id]


def test_what_stripe_did_is_not_told_as_a_fault_of_ours(shop: Shop, olga: Any) -> None:
    bought(shop, olga)
    by_hand(shop)

    left = post(olga, "cancellation", {"reason": "unused"})

    assert left.status_code == 200, left.content
    at_stripe = shop.api.subscriptions.retrieve(shop.subscription.stripe_id)
    assert at_stripe.cancel_at_period_end
    with pytest.raises(UnknownPrice):  # our rows do not follow before somebody mends the price
        shop.refresh()


def test_what_was_of_a_strange_price_and_is_over_keeps_nobody_from_buying_again(shop: Shop, olga: Any) -> None:
    bought(shop, olga)
    by_hand(shop)
    shop.api.subscriptions.cancel(shop.subscription.stripe_id)
    shop.refresh()
    ended = shop.subscription.state

    seen = bought(shop, olga, seats=13)

    assert ended == "canceled"
    assert (seen["subscription"]["state"], seen["subscription"]["seats"]) == ("active", 13)


def test_an_intent_that_breaks_keeps_none_behind_it_open(
    shop: Shop, olga: Any, globex: tenancy.TenantRecord, monkeypatch: Any
) -> None:
    def breaks(intent: StripeIntent) -> dict[str, Any]:
        if intent.organization_id == globex.id:
            raise KeyError("data")
        return {}

    monkeypatch.setitem(intents._purposes, "portal", intents.Purpose(breaks))
    with tenancy.platform():
        for whose, age in ((globex, 5), (shop.organization, 3)):
            StripeIntent.objects.create(
                organization_id=whose.id, purpose="portal", request={}, created_at=now() - timedelta(minutes=age)
            )

        assert intents.finish_open() == 1
        states = dict(StripeIntent.objects.filter(purpose="portal").values_list("organization_id", "state"))
    assert states == {globex.id: "open", shop.organization.id: "done"}


def test_what_stripe_answers_with_an_error_each_time_keeps_none_behind_it_open(
    shop: Shop, olga: Any, globex: tenancy.TenantRecord, monkeypatch: Any
) -> None:
    tried: list[UUID] = []

    def unanswered(intent: StripeIntent) -> dict[str, Any]:
        tried.append(intent.id)
        if intent.organization_id == globex.id:
            raise BillingUnavailable  # it keeps its answer of 500 under the key, for a day
        return {}

    monkeypatch.setitem(intents._purposes, "portal", intents.Purpose(unanswered))
    with tenancy.platform():
        rows = StripeIntent.objects.filter(purpose="portal")
        for whose, age in ((globex, 9), (globex, 8), (shop.organization, 7)):
            StripeIntent.objects.create(
                organization_id=whose.id, purpose="portal", request={}, created_at=now() - timedelta(minutes=age)
            )
        assert intents.finish_open() == 1
        assert rows.get(organization_id=shop.organization.id).state == "done"

        # Down altogether: a run asks no more than a few times, and the next one begins behind those.
        for age in (6, 5, 4, 3):
            StripeIntent.objects.create(
                organization_id=globex.id, purpose="portal", request={}, created_at=now() - timedelta(minutes=age)
            )
        tried.clear()
        assert (intents.finish_open(), intents.finish_open()) == (0, 0)
    assert len(tried) == len(set(tried)) == 6


def test_while_one_worker_finishes_what_was_left_open_no_other_is_sent_to_it(acme: tenancy.TenantRecord) -> None:
    def left(*, created: int, claimed: int | None) -> None:
        """Let one call have been begun and tried so many seconds ago."""
        StripeIntent.objects.create(
            organization_id=acme.id,
            purpose="terms",
            request={},
            created_at=now() - timedelta(seconds=created),
            claimed_at=None if claimed is None else now() - timedelta(seconds=claimed),
        )

    with tenancy.platform():
        StripeIntent.objects.all().delete()
        assert not intents.is_due()
        left(created=3, claimed=3)  # somebody presses a button just now
        left(created=300, claimed=None)
        left(created=300, claimed=36)  # who tried it last has its answer, or is dead
        assert intents.is_due()

        left(created=300, claimed=20)
        assert not intents.is_due()


def test_who_cannot_be_reminded_keeps_nobody_from_it(
    shop: Shop, olga: Any, globex: tenancy.TenantRecord, monkeypatch: Any
) -> None:
    real = reminders._tell

    def breaks(organization_id: UUID, *how: Any) -> bool:
        if organization_id == globex.id:
            raise KeyError("data")
        return real(organization_id, *how)

    monkeypatch.setattr(reminders, "_tell", breaks)
    with tenancy.platform():
        both = Subscription.objects.filter(organization_id__in=[globex.id, shop.organization.id])
        both.update(trial_end_at=now() + timedelta(days=2.5), reminded={})

        reminders.remind()

        reminded = dict(both.values_list("organization_id", "reminded"))
    assert (bool(reminded[shop.organization.id]), bool(reminded[globex.id])) == (True, False)


def test_others_who_fold_meanwhile_are_no_failure_of_an_act(shop: Shop, olga: Any, monkeypatch: Any) -> None:
    def restless(organization_id: UUID, seen: int, found: Any) -> None:
        return None  # another fold came first, each time

    with monkeypatch.context() as busy:
        busy.setattr(refreshing, "_apply", restless)
        assert post(olga, "checkout-sessions", TEAM).status_code == 201
    seen = bought(shop, olga)
    with monkeypatch.context() as busy:
        busy.setattr(refreshing, "_apply", restless)
        left = post(olga, "cancellation", {"reason": "unused"})
    shop.refresh()

    assert seen["subscription"]["is_at_stripe"]
    assert left.status_code == 200
    assert shop.subscription.cancel_at is not None
