"""kill -9 inside buying, changing and looking into what Stripe told: what is there afterwards is one effect, whole.

Deaths are at each SQL statement of a step and before and after each call that changes something at Stripe, in a
process of its own. Whoever comes next is an owner who presses again, or the duty that finishes what was left.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest

import tenancy
from billing import ledger
from billing.entitlements.applying import subscription_of
from billing.inbox import looking
from billing.models import BillingAccount, Invoice, Quota, StripeEvent, StripeIntent
from billing.subscriptions import changes, checkout, intents, refreshing
from core.clock import now
from tests.faults.test_buying_races import REPEATS, TEAM, buy, hear, invoices, subscriptions
from tests.support.buying import Mortal, Shop

# More than any step has: a loop that gets so far is an error.
MOST_STATEMENTS, MOST_CALLS = 200, 150
# At every statement with ``BUYING_RACES=100``; else at one in three, for each death is an organization that recovers.
STRIDE = 1 if REPEATS >= 10 else 3


@pytest.fixture
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for the dead: neither the next press nor the duty."""
    monkeypatch.setattr(intents, "_WAITS", 0.0)
    monkeypatch.setattr(intents, "_LEFT_ALONE", timedelta(0))


def moments(kind: str = "", *, stride: int = 1) -> Iterator[str]:
    """Yield every moment of a kind at which a process may die, first to last; or one in ``stride`` of them."""
    for number in range(1, MOST_CALLS if kind else MOST_STATEMENTS, stride):
        yield f"{kind}:{number}" if kind else str(number)
    raise AssertionError("it never got through")


CHOICE = json.dumps(asdict(TEAM), separators=(",", ":"))


def _open_sessions(shop: Shop) -> list[str]:
    return [one.id for one in shop.api.checkout.sessions.list({"limit": 100}).data if one.status == "open"]


def _told(shop: Shop, event: str) -> None:
    """Take in what Stripe tells, until this is among it: it tells when it gets round to it."""
    deadline = time.monotonic() + 90
    while True:
        hear(shop, and_look=False)
        with tenancy.platform():
            if StripeEvent.objects.filter(type=event).exists():
                return
        assert time.monotonic() < deadline, f"{event} was never told"
        time.sleep(0.05)


def _as_new(shop: Shop) -> None:
    """Let the organization be one that never bought, nor was known at Stripe."""
    with tenancy.platform():
        StripeIntent.objects.filter(organization_id=shop.organization.id).delete()
        BillingAccount.objects.filter(organization_id=shop.organization.id).update(stripe_customer=None)
    for session in _open_sessions(shop):
        shop.api.checkout.sessions.expire(session)
    for customer in shop.api.customers.list({"limit": 100}).data:
        shop.api.customers.delete(customer.id)


@pytest.mark.parametrize("kind", ["asking", "asked"])
def test_killed_at_every_call_of_a_purchase_it_is_one_customer_and_one_session(
    shop: Shop, mortal: Mortal, nobody_waits: None, kind: str
) -> None:
    deaths = 0
    for at in moments(kind):
        end = mortal.run(shop, at, "buy", CHOICE)
        if end != "killed":
            break
        deaths += 1
    # Each death came one call further: products and prices first, then the customer, then the session.
    assert end.startswith("http"), end
    assert deaths > 2
    assert (len(_open_sessions(shop)), len(shop.api.customers.list({"limit": 100}).data)) == (1, 1)
    keys = [price.lookup_key for price in shop.api.prices.list({"limit": 100}).data]
    assert len(keys) == len(set(keys))
    shop.check_out()
    shop.refresh()
    assert (shop.subscription.seats, len(subscriptions(shop))) == (12, 1)


def test_killed_at_any_statement_of_a_purchase_the_next_press_is_one_session(
    shop: Shop, mortal: Mortal, nobody_waits: None
) -> None:
    assert mortal.run(shop, 0, "buy", CHOICE).startswith("http")  # prices are made once, whoever buys
    deaths = 0
    for at in moments(stride=STRIDE):
        _as_new(shop)
        end = mortal.run(shop, at, "buy", CHOICE)
        if end != "killed":
            break
        deaths += 1
        with tenancy.platform():
            if deaths % 2:  # the duty comes before the owner does
                intents.finish_open()
            first, again = (checkout.start(shop.organization.id, TEAM) for _ in range(2))
        assert first == again, at
        assert len(_open_sessions(shop)) == 1, at
        assert len(shop.api.customers.list({"limit": 100}).data) == 1, at
    assert end.startswith("http"), end
    assert deaths > 10


@pytest.mark.parametrize("kind", ["", "asking", "asked"])
def test_killed_anywhere_in_a_change_it_is_made_once_or_not_begun(
    shop: Shop, mortal: Mortal, nobody_waits: None, kind: str
) -> None:
    buy(shop)
    organization_id, deaths = shop.organization.id, 0
    for at in moments(kind, stride=1 if kind else STRIDE):
        seats, before = shop.subscription.seats, invoices(shop)
        with tenancy.platform():
            token = changes.preview(organization_id, plan=None, interval=None, seats=seats + 1)["token"]
        end = mortal.run(shop, at, "change", token)
        if end != "killed":
            break
        deaths += 1
        with tenancy.platform():
            is_begun = StripeIntent.objects.filter(organization_id=organization_id, state="open").exists()
            if deaths % 2 and is_begun:  # nobody presses again: the duty finishes it
                assert intents.finish_open() == 1, at
                assert intents.finish_open() == 0, at
                refreshing.refresh(organization_id)
            else:
                changes.apply(organization_id, token)
        assert (shop.subscription.seats, invoices(shop)) == (seats + 1, before + 1), at
        with tenancy.platform():
            assert Quota.objects.get(organization_id=organization_id, meter="seats").plan_limit == seats + 1, at
    assert end == "changed"
    assert deaths > (10 if not kind else 0)
    shop.refresh()
    assert shop.subscription.seats == seats + 1


def _bought(shop: Shop) -> tuple[Any, ...]:
    """What is there of a purchase: the subscription, its invoice, the fact in the ledger, and the limit."""
    own: dict[str, Any] = {"organization_id": shop.organization.id}
    with tenancy.platform():
        row = subscription_of(shop.organization.id)
        assert row is not None
        return (
            row.version.plan_id,
            bool(row.stripe_id),
            Invoice.objects.filter(**own).count(),
            ledger.balances(shop.organization.id),
            Quota.objects.get(**own, meter="seats").plan_limit,
        )


def test_killed_at_every_statement_of_a_look_a_purchase_is_there_whole_or_not_at_all(
    shop: Shop, mortal: Mortal
) -> None:
    shop.end_trial()
    with tenancy.platform():
        checkout.start(shop.organization.id, TEAM)
    shop.check_out()
    _told(shop, "customer.subscription.created")
    nothing, everything = ("trial", False, 0, {}, 50), ("team", True, 1, {"eur": 8400}, 12)
    assert _bought(shop) == nothing
    seen = []
    for at in moments():
        end = mortal.run(shop, at, "look")
        if end != "killed":
            break
        seen.append(_bought(shop))
        with tenancy.platform():  # its lease passes
            StripeEvent.objects.filter(state="new").update(run_at=now(), attempts=0)
    assert end.startswith("settled"), end
    assert [one for number, one in enumerate(seen) if one not in seen[:number]] == [nothing, everything]
    assert seen == sorted(seen, key=lambda one: one[1])  # and never back
    assert _bought(shop) == everything
    with tenancy.platform():
        assert not StripeEvent.objects.filter(state="new").exists()
        assert looking.look() == 0
    assert len(subscriptions(shop)) == 1
