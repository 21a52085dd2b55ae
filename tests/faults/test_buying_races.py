"""Fifty who buy, change and leave at once, some of whom die in the middle of it: one effect each time.

A handful of repeats runs with every test run; ``BUYING_RACES=100`` runs a hundred.
"""

from __future__ import annotations

import json
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from typing import Any

import pytest
from django.db import OperationalError, connection

import tenancy
from billing.errors import PreviewStale
from billing.features import SEATS
from billing.inbox import intake, looking
from billing.models import MrrMovement, Quota, StripeEvent, StripeIntent, Subscription
from billing.services import take_for
from billing.subscriptions import changes, checkout, ending, intents, refreshing
from billing.subscriptions.checkout import Choice
from billing.subscriptions.fold import is_proration
from core.clock import now
from core.errors import DomainError
from events.idempotency import LOCK_NOT_AVAILABLE
from tests.support.buying import Mortal, Shop

REPEATS = int(os.environ.get("BUYING_RACES", "2"))
TRIES = 50
TEAM = Choice(plan="team", interval="month", currency="eur", seats=12)
TEN = Choice(plan="team", interval="month", currency="eur", seats=10)
LARGER = Choice(plan="team", interval="month", currency="eur", seats=30)
CHOICES = {"team": TEAM, "larger": LARGER}
BUSY = "busy"
"""The account's lock was not had in time, as on a machine with much to do: over HTTP a 503, and nothing was done."""
TOLD_TO_COME_BACK = {BUSY, "payment_provider_unavailable"}


def at_once(acts: list[Callable[[], object]]) -> Counter[str]:
    """Run all at once on the platform, each in a thread with a connection of its own; count how all of them ended."""
    gate, ends = threading.Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        try:
            gate.wait(60)
            with tenancy.platform():
                found = act()
            ends.append(str(found) if isinstance(found, str) else "done")
        except DomainError as refused:
            ends.append(refused.code)
        except Exception as error:  # noqa: BLE001 - what went wrong is the result
            code = getattr(error.__cause__, "pgcode", "") if isinstance(error, OperationalError) else ""
            ends.append(BUSY if code == LOCK_NOT_AVAILABLE else repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert len(ends) == len(acts), f"somebody never came back: {ends}"
    return Counter(ends)


def subscriptions(shop: Shop) -> list[Any]:
    return list(shop.api.subscriptions.list({"status": "all", "limit": 100}).data)


def invoices(shop: Shop) -> int:
    return len(shop.api.invoices.list({"limit": 100}).data)


def buy(shop: Shop) -> None:
    """Let the organization pay for twelve seats, in the middle of a month."""
    with tenancy.platform():
        checkout.start(shop.organization.id, TEAM)
    shop.check_out()
    shop.advance(days=20)
    assert shop.subscription.state == "active"


def hear(shop: Shop, *, and_look: bool = True) -> None:
    """Take in what Stripe has told so far, and look into it."""
    with tenancy.platform():
        for body, signature in list(shop.delivered.received):
            intake.take(body, signature)
        if and_look:
            looking.look()


@pytest.mark.parametrize("repeat", range(REPEATS))
def test_a_checkout_that_is_pressed_fifty_times_is_one_session(shop: Shop, repeat: int) -> None:
    ends = at_once([lambda: checkout.start(shop.organization.id, TEAM)] * TRIES)

    urls = [end for end in ends if end.startswith("http")]
    assert len(urls) == 1, ends
    assert set(ends) - set(urls) <= TOLD_TO_COME_BACK, ends
    with tenancy.platform():
        for _ in range(TRIES - ends[urls[0]]):  # they do come back, and are led to the same page
            assert checkout.start(shop.organization.id, TEAM) == urls[0]
    assert len([one for one in shop.api.checkout.sessions.list({"limit": 100}).data if one.status == "open"]) == 1
    assert len(shop.api.customers.list({"limit": 100}).data) == 1


@pytest.mark.parametrize("repeat", range(REPEATS))
def test_a_change_that_is_pressed_fifty_times_is_one_invoice(shop: Shop, repeat: int) -> None:
    buy(shop)
    before = invoices(shop)
    with tenancy.platform():
        token = changes.preview(shop.organization.id, plan=None, interval=None, seats=20)["token"]

    ends = at_once([lambda: changes.apply(shop.organization.id, token)] * TRIES)

    assert ends["done"] >= 1, ends
    assert set(ends) <= {"done", "preview_stale", *TOLD_TO_COME_BACK}, ends
    with tenancy.platform():
        for _ in range(TRIES - ends["done"]):  # it is done, and not once more
            with suppress(PreviewStale):
                changes.apply(shop.organization.id, token)
    shop.refresh()
    assert shop.subscription.seats == 20
    assert invoices(shop) == before + 1
    with tenancy.platform():
        assert StripeIntent.objects.filter(organization_id=shop.organization.id, purpose="change").count() == 1


@pytest.mark.parametrize("repeat", range(REPEATS))
def test_seats_that_are_changed_while_the_month_ends_are_charged_once(shop: Shop, repeat: int) -> None:
    buy(shop)
    ends_at = shop.subscription.period_end
    assert ends_at is not None
    with tenancy.platform():
        token = changes.preview(shop.organization.id, plan=None, interval=None, seats=20)["token"]

    def renew() -> None:
        shop.server.advance(to=int(ends_at.timestamp()) + 2 * 3600)

    ends = at_once([renew, *([lambda: changes.apply(shop.organization.id, token)] * 10)])

    shop.refresh()
    has = shop.subscription
    proration = [
        line
        for invoice in shop.api.invoices.list({"limit": 100}).data
        for line in invoice.lines.data
        if is_proration(line.to_dict()) and line.amount > 0
    ]
    # Either the change came first, and its part of the month was charged; or the month did, and nothing was.
    assert (has.seats, len(proration)) in ((20, 1), (12, 0)), ends
    assert has.state == "active"
    assert len(subscriptions(shop)) == 1


@pytest.mark.parametrize("repeat", range(REPEATS))
@pytest.mark.parametrize("how", ["given up", "bought"])
def test_nobody_joins_on_a_seat_that_is_going(shop: Shop, how: str, repeat: int) -> None:
    """Forty come while the plan becomes one of ten seats: no more are in than are paid for, or it stays as it was."""
    organization_id = shop.organization.id
    acts: list[Callable[[], object]]
    with tenancy.platform():
        Quota.objects.filter(organization_id=organization_id, meter=SEATS).update(used=6)
    if how == "given up":
        buy(shop)
        with tenancy.platform():
            token = changes.preview(organization_id, plan=None, interval=None, seats=10)["token"]
        acts = [lambda: changes.apply(organization_id, token)]
    else:
        shop.end_trial()
        acts = [lambda: shop.check_out(checkout.start(organization_id, TEN).rsplit("/", 1)[1])]

    def join() -> str:
        time.sleep(random.Random().random() * 1.5)  # before, while and after Stripe is asked
        take_for(organization_id, SEATS)
        return "in"

    ends = at_once([*acts, *([join] * (TRIES - 10))])

    assert set(ends) - {"in", "quota_exceeded", "seats_in_use", "done", BUSY} <= {
        end for end in ends if end.startswith("http")
    }, ends
    shop.refresh()
    with tenancy.platform():
        seats = Quota.objects.get(organization_id=organization_id, meter=SEATS)
    has = shop.subscription
    bought = has.seats if has.stripe_id else 50
    assert (seats.plan_limit, seats.reserved) == (bought, 0), ends
    assert seats.used == 6 + ends["in"] <= bought
    assert ends["seats_in_use"] == (1 if bought != 10 else 0), ends


def _submit(shop: Shop, session: str) -> str:
    """Press the button of the page of a Checkout session; say whether that bought anything."""
    try:
        shop.check_out(session)
    except AssertionError:
        return "no longer open"
    return "paid"


@pytest.mark.parametrize("repeat", range(REPEATS))
def test_a_checkout_that_is_completed_in_the_middle_of_everything_is_paid_once(
    shop: Shop, mortal: Mortal, monkeypatch: Any, repeat: int
) -> None:
    """Its page is sent three times, its events are heard, others press again or choose otherwise, some are killed."""
    chance, shop_id = random.Random(repeat), shop.organization.id
    monkeypatch.setattr(intents, "_WAITS", 0.5)  # for the dead
    shop.end_trial()  # charged at once: twice would be seen
    with tenancy.platform():
        facts = MrrMovement.objects.filter(organization_id=shop_id).count()
        checkout.start(shop_id, TEAM)
    session = shop.session
    words = {name: json.dumps(asdict(choice), separators=(",", ":")) for name, choice in CHOICES.items()}
    deaths = [
        lambda: mortal.run(shop, chance.randint(1, 40), "look"),
        lambda: mortal.run(shop, chance.randint(1, 30), "buy", words["larger"]),
        lambda: mortal.run(shop, f"asked:{chance.randint(1, 2)}", "buy", words["team"]),
    ]

    ends = at_once(
        [
            *([lambda: _submit(shop, session)] * 3),
            *([lambda: hear(shop)] * 12),
            *([lambda: refreshing.refresh(shop_id)] * 10),
            *([lambda: checkout.start(shop_id, TEAM)] * 17),
            *([lambda: checkout.start(shop_id, LARGER)] * 5),
            *deaths,
        ]
    )

    assert ends["paid"] <= 1, ends
    refused = {"already_subscribed", "checkout_completed", "payment_provider_unavailable"}
    left = {
        *refused,
        BUSY,
        "done",
        "paid",
        "no longer open",
        "killed",
        *(f"refused {code}" for code in (BUSY, *refused)),
    }
    others = [end for end in ends if end not in left and not end.startswith(("http", "Restless", "settled"))]
    assert others == [], ends
    monkeypatch.setattr(intents, "_LEFT_ALONE", intents._LEFT_ALONE * 0)
    with tenancy.platform():
        intents.finish_open()
        if not ends["paid"]:  # another choice had closed it: the one that is open now is bought
            shop.check_out(checkout.start(shop_id, LARGER).rsplit("/", 1)[1])
        StripeEvent.objects.filter(state="new").update(run_at=now())  # leases of the dead pass
    _come_to_rest(shop)
    (paid,) = subscriptions(shop)
    with tenancy.platform():
        (row,) = Subscription.objects.filter(organization_id=shop_id)
        assert (row.stripe_id, row.state, row.seats) == (paid.id, "active", paid.items.data[0].quantity)
        assert MrrMovement.objects.filter(organization_id=shop_id).count() == facts + 1
    assert len(shop.api.customers.list({"limit": 100}).data) == 1
    assert len([one for one in shop.api.charges.list({"limit": 100}).data if one.paid]) == 1
    assert [one.status for one in shop.api.checkout.sessions.list({"limit": 100}).data].count("complete") == 1


def _come_to_rest(shop: Shop) -> None:
    """Hear everything, until nothing waits."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        hear(shop)
        with tenancy.platform():
            if not StripeEvent.objects.filter(state="new").exists():
                return
            StripeEvent.objects.filter(state="new").update(run_at=now())
    raise AssertionError("events still wait")


def test_leaving_and_growing_at_once_are_one_after_the_other(shop: Shop) -> None:
    buy(shop)
    organization_id = shop.organization.id
    with tenancy.platform():
        token = changes.preview(organization_id, plan=None, interval=None, seats=20)["token"]

    at_once(
        [
            *([lambda: ending.cancel(organization_id, reason="unused", comment="")] * 10),
            *([lambda: changes.apply(organization_id, token)] * 10),
        ]
    )

    shop.refresh()
    with tenancy.platform():
        kept = StripeIntent.objects.filter(organization_id=organization_id, state="open", slot="change")
        assert not kept.exists()
    assert shop.subscription.cancel_at is not None
    assert shop.subscription.seats in (12, 20)


@pytest.mark.parametrize("kind", ["drop", "unavailable", "error"])
def test_an_answer_that_is_lost_is_asked_for_again_and_is_one(shop: Shop, kind: str) -> None:
    buy(shop)
    before, organization_id = invoices(shop), shop.organization.id
    with tenancy.platform():
        token = changes.preview(organization_id, plan=None, interval=None, seats=20)["token"]
    shop.server.fault(kind, f"/v1/subscriptions/{shop.subscription.stripe_id}", method="POST", times=1)

    with tenancy.platform():
        if kind == "error":  # remembered under the key: it is this call's answer for ever
            with pytest.raises(DomainError):
                changes.apply(organization_id, token)
        else:
            changes.apply(organization_id, token)

    shop.refresh()
    assert (shop.subscription.seats, invoices(shop)) == ((12, before) if kind == "error" else (20, before + 1))
