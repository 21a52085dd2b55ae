"""Events come in any order, while Stripe moves on: whoever hears of one reads what Stripe has by then, and one state is
the end.

Recorded are the states that Stripe goes through, and an event of each. An event may come late, never before what it
tells of: so at any delivery Stripe is at least as far as the newest event that has come.
"""

from __future__ import annotations

import copy
import itertools
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.forms.models import model_to_dict

import tenancy
from billing import ledger
from billing.inbox import intake, looking
from billing.models import BillingAccount, Invoice, StripeEvent, Subscription
from billing.subscriptions import refreshing
from billing.subscriptions.refreshing import Found
from billing.tests.test_buying import TEAM, post
from tenants.api import load_organization
from tests.support.buying import Shop, signed

# The states, in the order in which they come, and the event that tells of each.
TOLD_BY = {
    "bought": "customer.subscription.created",
    "failed": "invoice.payment_failed",
    "recovered": "invoice.paid",
    "disputed": "charge.dispute.created",
    "canceled": "customer.subscription.deleted",
}
Delivery = tuple[bytes, str]


@dataclass
class Recorded:
    """A Stripe that stands still where it is told to: what it had of one customer after each act, and its events."""

    states: list[Found] = field(default_factory=list)
    events: list[Delivery] = field(default_factory=list)
    at: int = 0

    def read(self, account: BillingAccount) -> Found:
        return copy.deepcopy(self.states[self.at])


@pytest.fixture
def recorded(shop: Shop, olga: Any) -> Recorded:
    """acme bought, could not pay, paid, took the money back at its bank, and left. We heard nothing of it yet."""
    shop.end_trial()
    assert post(olga, "checkout-sessions", TEAM).status_code == 201
    found, heard = Recorded(), set[str]()
    customer = str(shop.account.stripe_customer)

    def note(state: str) -> None:
        found.events.append(_event_of(shop, TOLD_BY[state], heard))
        with tenancy.platform():
            found.states.append(refreshing._read(shop.account))

    shop.check_out()
    note("bought")
    shop.use_card("pm_card_chargeCustomerFail")
    shop.server.advance(days=32)
    note("failed")
    shop.use_card("pm_card_visa")
    (owed,) = shop.api.invoices.list({"customer": customer, "status": "open"}).data
    shop.api.invoices.pay(owed.id)
    note("recovered")
    charge = next(one for one in shop.api.charges.list({"customer": customer}).data if one.paid)
    shop.server.local("disputes", charge=charge.id)
    note("disputed")
    (subscription,) = shop.api.subscriptions.list({"customer": customer}).data
    shop.api.subscriptions.cancel(subscription.id)
    note("canceled")
    assert [one.subscriptions[0]["status"] for one in found.states] == [
        "active", "past_due", "active", "active", "canceled",
    ]  # fmt: skip
    return found


def _event_of(shop: Shop, kind: str, heard: set[str]) -> Delivery:
    """Wait for Stripe's own delivery of an event of this kind that was not heard before."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        new = [one for one in shop.delivered.events() if one[0]["id"] not in heard and one[0]["type"] == kind]
        if new:
            heard.update(one[0]["id"] for one in shop.delivered.events())
            return new[-1][1], new[-1][2]
        time.sleep(0.05)
    raise AssertionError(f"no {kind} was delivered: {[one[0]['type'] for one in shop.delivered.events()]}")


def end_of(shop: Shop) -> dict[str, Any]:
    """Everything that folding leads to, without when it did and how often it looked."""
    with tenancy.platform():
        account = BillingAccount.objects.get(organization_id=shop.organization.id)
        rows = Subscription.objects.filter(organization_id=shop.organization.id).order_by("started_at")
        invoices = Invoice.objects.filter(organization_id=shop.organization.id).order_by("stripe_id")
        ours = ["folded_at", "updated_at", "folds", "entitlements_version", "ahead_seconds", "id", "read_only_at"]
        return {
            "account": model_to_dict(account, exclude=[*ours, "entitlements", "entitlements_until"]),
            "subscriptions": [
                {**model_to_dict(row, exclude=ours), "is_read_only": row.read_only_at is not None} for row in rows
            ],
            "invoices": [model_to_dict(row, exclude=ours) for row in invoices],
            "brings": account.entitlements["spans"][0]["values"],
            "revenue": ledger.balances(shop.organization.id),
            "organization": load_organization(shop.organization.id).state,
        }


@contextmanager
def undone() -> Iterator[None]:
    """Let nothing of the block stay: each order begins alike."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        yield
        transaction.set_rollback(True)


def come(event: Delivery) -> None:
    """Take one event in and look into it."""
    body, _ = event
    with tenancy.platform():
        # Signed as it comes: what was recorded is too old where all orders take longer than five minutes.
        intake.take(body, signed(body, settings.STRIPE_WEBHOOK_SECRET))
        looking.look()


def replay(stripe: Recorded, order: tuple[int, ...]) -> None:
    """Deliver events in ``order``. At each Stripe is just as far as the newest event that has come."""
    stripe.at = 0
    for number in order:
        stripe.at = max(stripe.at, number)
        come(stripe.events[number])


def replay_overtaken(stripe: Recorded, order: tuple[int, ...], slow: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Deliver events in ``order``; who looks into the ``slow``-th has read, and before it writes the rest come."""
    stripe.at = 0
    for number in order[:slow]:
        stripe.at = max(stripe.at, number)
        come(stripe.events[number])
    real, is_first = refreshing._read, True

    def reading_slowly(account: BillingAccount) -> Found:
        nonlocal is_first
        found = real(account)
        if is_first:
            is_first = False
            for number in order[slow + 1 :]:
                stripe.at = max(stripe.at, number)
                come(stripe.events[number])
        return found

    stripe.at = max(stripe.at, order[slow])
    with monkeypatch.context() as patched:
        patched.setattr(refreshing, "_read", reading_slowly)
        come(stripe.events[order[slow]])


def every_end(
    shop: Shop, stripe: Recorded, monkeypatch: pytest.MonkeyPatch, *, states: int
) -> Iterator[tuple[object, dict[str, Any]]]:
    """Yield where each order of the first ``states`` events leads, whoever is overtaken by whom."""
    for number, order in enumerate(itertools.permutations(range(states))):
        with undone():
            replay(stripe, order)
            yield order, end_of(shop)
        if states == 5 and number % 4:
            continue  # of 120 orders a quarter: whoever is overtaken, by whom, in each place
        slow = (number // 4 if states == 5 else number) % (states - 1)
        with undone():
            replay_overtaken(stripe, order, slow, monkeypatch)
            yield (order, "overtaken in", slow), end_of(shop)


# How many of the states there were -> what the end is like.
ENDS = {
    2: ("past_due", {"eur": 8400}, "active"),
    3: ("active", {"eur": 8400}, "active"),
    4: ("active", {"eur": 8400}, "active"),
    5: ("canceled", {}, "read_only"),
}


@pytest.mark.parametrize("states", list(ENDS))
def test_every_order_ends_in_the_last_state(
    shop: Shop, recorded: Recorded, monkeypatch: pytest.MonkeyPatch, states: int
) -> None:
    monkeypatch.setattr(refreshing, "_read", recorded.read)
    with undone():
        recorded.at = states - 1
        come(recorded.events[states - 1])  # nothing but the last: what there is to see is seen
        wanted = end_of(shop)

    seen = []
    for how, end in every_end(shop, recorded, monkeypatch, states=states):
        assert end == wanted, how
        seen.append(how)

    assert len(seen) == {2: 4, 3: 12, 4: 48, 5: 150}[states]
    (row,) = wanted["subscriptions"]
    assert (row["state"], wanted["revenue"], wanted["organization"]) == ENDS[states]
    assert [bool(one["dispute"]) for one in wanted["invoices"]].count(True) == (states > 3)


def _trusting(recorded: Recorded) -> Any:
    """Read nothing: believe what the event says that came last."""

    def read(account: BillingAccount) -> Found:
        newest = StripeEvent.objects.filter(state="new").order_by("-received_at").first()
        kinds = list(TOLD_BY.values())
        assert newest is not None
        return copy.deepcopy(recorded.states[kinds.index(newest.type)])

    return read


@pytest.mark.parametrize("mistake", ["an event is believed", "what was read long ago is written"])
def test_who_folds_otherwise_is_found_out(
    shop: Shop, recorded: Recorded, monkeypatch: pytest.MonkeyPatch, mistake: str
) -> None:
    """The orders above would show it: each mistake leads somewhere else in one of them."""
    monkeypatch.setattr(refreshing, "_read", recorded.read)
    with undone():
        recorded.at = 2
        come(recorded.events[2])
        wanted = end_of(shop)
    if mistake == "an event is believed":
        monkeypatch.setattr(refreshing, "_read", _trusting(recorded))
    else:
        real = refreshing._apply

        def careless(organization_id: Any, seen: int, found: Found) -> Any:
            folds = BillingAccount.objects.values_list("folds", flat=True).get(organization_id=organization_id)
            return real(organization_id, folds, found)

        monkeypatch.setattr(refreshing, "_apply", careless)

    wrong = [how for how, end in every_end(shop, recorded, monkeypatch, states=3) if end != wanted]

    assert wrong
    assert len(wrong) < 12  # the order in which they happened is right by luck


def test_the_sequence_is_of_stripes_own_events(recorded: Recorded) -> None:
    assert [json.loads(body)["type"] for body, _ in recorded.events] == list(TOLD_BY.values())
