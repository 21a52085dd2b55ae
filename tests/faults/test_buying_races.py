"""Fifty who buy, change and leave at once, and processes that die in the middle of a purchase: one effect each time.

A handful of repeats runs with every test run; ``BUYING_RACES=100`` runs a hundred.
"""

from __future__ import annotations

import os
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, connections

import tenancy
from billing import gateway
from billing.models import StripeIntent, Subscription
from billing.subscriptions import changes, checkout, ending, intents, refreshing
from billing.subscriptions.checkout import Choice
from billing.subscriptions.fold import is_proration
from core.errors import DomainError
from tenancy import TenantRecord
from tenants.catalog import load
from tests.support import plugin
from tests.support.buying import Shop, collecting
from tests.support.stripe_server import StripeServer

REPEATS = int(os.environ.get("BUYING_RACES", "2"))
TRIES = 50
TEAM = Choice(plan="team", interval="month", currency="eur", seats=12)


@pytest.fixture(scope="module")
def schools(world: Any, django_db_blocker: Any) -> Iterator[Callable[[], TenantRecord]]:
    """Organizations of their own, one a call: what happens here is really committed."""
    count = iter(range(10_000))

    def make() -> TenantRecord:
        slug = f"buyers-{next(count)}"
        made = plugin.run_as_owner(
            *(sys.executable, "-m", "tests.support.organizations"),
            *(slug, "Buyers' School", f"owner@{slug}.example", "Olga Owner"),
        )
        assert made.returncode == 0, made.stdout + made.stderr
        return load(UUID(made.stdout.split()[-1]))

    with django_db_blocker.unblock():
        yield make


@pytest.fixture
def shop(schools: Callable[[], TenantRecord], settings: Any, django_db_blocker: Any) -> Iterator[Shop]:
    """A new organization that is on trial, and a Stripe to buy at."""
    with django_db_blocker.unblock(), collecting() as (delivered, url), StripeServer(webhook_url=url) as server:
        settings.STRIPE_SECRET_KEY = server.secret_key
        settings.STRIPE_WEBHOOK_SECRET = server.webhook_secret
        settings.STRIPE_API_URL = server.url
        yield Shop(server, schools(), delivered)
        connections.close_all()


def at_once(acts: list[Callable[[], object]]) -> Counter[str]:
    """Run all at once on the platform, each in a thread with a connection of its own; count how they ended."""
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
            ends.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return Counter(ends)


def subscriptions(shop: Shop) -> list[Any]:
    return list(shop.api.subscriptions.list({"status": "all", "limit": 100}).data)


def invoices(shop: Shop) -> int:
    return len(shop.api.invoices.list({"limit": 100}).data)


def _paying(shop: Shop) -> None:
    """Let the organization pay for twelve seats, in the middle of a month."""
    with tenancy.platform():
        checkout.start(shop.organization.id, TEAM)
    shop.pay()
    shop.advance(days=20)
    assert shop.subscription.state == "active"


@pytest.mark.parametrize("repeat", range(REPEATS))
def test_a_checkout_that_is_pressed_fifty_times_is_one_session(shop: Shop, repeat: int) -> None:
    ends = at_once([lambda: checkout.start(shop.organization.id, TEAM)] * TRIES)

    urls = [end for end in ends if end.startswith("http")]
    assert len(urls) == 1, ends
    assert ends[urls[0]] >= TRIES * 0.9, ends
    assert set(ends) - set(urls) <= {"payment_provider_unavailable"}, ends
    assert len([one for one in shop.api.checkout.sessions.list({"limit": 100}).data if one.status == "open"]) == 1
    assert len(shop.api.customers.list({"limit": 100}).data) == 1


@pytest.mark.parametrize("repeat", range(REPEATS))
def test_a_change_that_is_pressed_fifty_times_is_one_invoice(shop: Shop, repeat: int) -> None:
    _paying(shop)
    before = invoices(shop)
    with tenancy.platform():
        token = changes.preview(shop.organization.id, plan=None, interval=None, seats=20)["token"]

    ends = at_once([lambda: changes.apply(shop.organization.id, token)] * TRIES)

    assert ends["done"] >= 1, ends
    assert set(ends) <= {"done", "payment_provider_unavailable", "preview_stale"}, ends
    shop.refresh()
    assert shop.subscription.seats == 20
    assert invoices(shop) == before + 1
    with tenancy.platform():
        assert StripeIntent.objects.filter(organization_id=shop.organization.id, purpose="change").count() == 1


@pytest.mark.parametrize("repeat", range(REPEATS))
def test_seats_that_are_changed_while_the_month_ends_are_charged_once(shop: Shop, repeat: int) -> None:
    _paying(shop)
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
def test_events_that_come_while_one_buys_and_buys_again_leave_one_subscription(shop: Shop, repeat: int) -> None:
    with tenancy.platform():
        checkout.start(shop.organization.id, TEAM)
    paid = shop.pay()
    shop_id = shop.organization.id

    ends = at_once(
        [*([lambda: refreshing.refresh(shop_id)] * 25), *([lambda: checkout.start(shop_id, TEAM)] * 25)],
    )

    assert set(ends) <= {"done", "already_subscribed", "checkout_completed", "payment_provider_unavailable"} | {
        end for end in ends if end.startswith(("http", "Restless"))
    }, ends
    shop.refresh()
    with tenancy.platform():
        rows = Subscription.objects.filter(organization_id=shop_id)
        assert [row.stripe_id for row in rows] == [paid]
    assert [one.id for one in subscriptions(shop)] == [paid]


def test_leaving_and_growing_at_once_are_one_after_the_other(shop: Shop) -> None:
    _paying(shop)
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


class Died(BaseException):
    """The process ended here."""


@pytest.mark.parametrize("when", ["before the call", "after the call"])
def test_a_process_that_dies_in_a_change_is_finished_once(shop: Shop, when: str, monkeypatch: Any) -> None:
    _paying(shop)
    before, organization_id = invoices(shop), shop.organization.id
    with tenancy.platform():
        token = changes.preview(organization_id, plan=None, interval=None, seats=20)["token"]
    real = gateway.update_subscription

    def dying(*args: Any, **kwargs: Any) -> Any:
        if when == "after the call":
            real(*args, **kwargs)
        raise Died

    with monkeypatch.context() as patched, tenancy.platform():
        patched.setattr(gateway, "update_subscription", dying)
        with pytest.raises(Died):
            changes.apply(organization_id, token)
    with tenancy.platform():
        left = StripeIntent.objects.get(organization_id=organization_id, purpose="change")
        assert left.state == "open"
        monkeypatch.setattr(intents, "_LEFT_ALONE", intents._LEFT_ALONE * 0)
        assert intents.finish_open() == 1
        assert intents.finish_open() == 0
        refreshing.refresh(organization_id)

    assert shop.subscription.seats == 20
    assert invoices(shop) == before + 1


@pytest.mark.parametrize("kind", ["drop", "unavailable", "error"])
def test_an_answer_that_is_lost_is_asked_for_again_and_is_one(shop: Shop, kind: str) -> None:
    _paying(shop)
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
