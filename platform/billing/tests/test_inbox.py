"""What Stripe tells us: only genuine events are kept, once; in whatever order they come, one state is the end."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.forms.models import model_to_dict
from django.test import Client

import tenancy
from billing.errors import BillingUnavailable
from billing.inbox import intake, looking, sweeping
from billing.models import BillingAccount, Invoice, StripeEvent, StripeSweep, Subscription
from billing.subscriptions import refreshing
from billing.tests.test_buying import TEAM, post
from core.clock import now
from core.ids import new_id
from tests.support.buying import WEBHOOK, Shop, signed

SECRET = "whsec_of_the_test"


def event(**changes: Any) -> dict[str, Any]:
    return {
        "id": "evt_1",
        "object": "event",
        "type": "customer.subscription.updated",
        "livemode": False,
        "created": int(time.time()),
        "data": {"object": {"id": "sub_1", "object": "subscription", "customer": "cus_1"}},
        **changes,
    }


def about(customer: str | None) -> bytes:
    told = event(data={"object": {"id": customer, "object": "customer"}}, type="customer.updated")
    return json.dumps(told).encode()


def deliver(settings: Any, body: bytes, signature: str | None) -> Any:
    headers = {"host": settings.SITE_HOST, **({"Stripe-Signature": signature} if signature is not None else {})}
    return Client().post(WEBHOOK, body, content_type="application/json", headers=headers)


@pytest.fixture
def endpoint(db: None, settings: Any) -> Any:
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = "sk_test_1", SECRET
    return settings


@pytest.fixture(autouse=True)
def nothing_came(db: None) -> Iterator[None]:
    """Whatever others of the same run have committed: here only what a test lets come is there, and Stripe answers."""
    with tenancy.platform():
        StripeEvent.objects.all().delete()
        StripeSweep.objects.all().delete()
        intake.heard()
        intake.answered()
    yield
    with tenancy.platform():
        intake.heard()
        intake.answered()


def kept() -> int:
    with tenancy.platform():
        return StripeEvent.objects.count()


def test_a_genuine_event_is_kept_once_however_often_it_comes(endpoint: Any) -> None:
    body = json.dumps(event()).encode()

    answers = [deliver(endpoint, body, signed(body, SECRET)).status_code for _ in range(3)]

    assert (answers, kept()) == ([204, 204, 204], 1)


def _signed_now(body: bytes) -> str:
    """Sign when the test runs: minutes lie between collecting tests and running the last of them."""
    return signed(body, SECRET)


_BODY = json.dumps(event()).encode()
_OLD = now() - timedelta(seconds=400)


@pytest.mark.parametrize(
    ("body", "signature", "status"),
    [
        pytest.param(_BODY, None, 400, id="unsigned"),
        pytest.param(_BODY, "", 400, id="an empty signature"),
        pytest.param(_BODY, "t=1,v1=00", 400, id="a made-up signature"),
        pytest.param(_BODY, signed(_BODY, "whsec_of_another_endpoint"), 400, id="another endpoint's secret"),
        pytest.param(_BODY, signed(_BODY, SECRET, at=_OLD), 400, id="too long ago"),
        pytest.param(_BODY + b" ", lambda _: signed(_BODY, SECRET), 400, id="another body"),
        pytest.param(_BODY, lambda body: _signed_now(body).replace("v1=", "v0="), 400, id="an older scheme"),
        pytest.param(b"[]", _signed_now, 400, id="no event"),
        pytest.param(b"{", _signed_now, 400, id="no JSON"),
        *(
            pytest.param(body, _signed_now, status, id=what)
            for what, status, body in (
                ("live where keys are for tests", 403, json.dumps(event(livemode=True)).encode()),
                ("of a connected account", 403, json.dumps(event(account="acct_1")).encode()),
                ("without livemode", 400, json.dumps(event(livemode=None)).encode()),
                ("about nothing", 400, json.dumps(event(data={})).encode()),
                ("an id that is none", 400, json.dumps(event(id=7)).encode()),
                ("from beyond time", 400, json.dumps(event(created=10**30)).encode()),
            )
        ),
    ],
)
def test_attack_101_what_is_not_for_us_is_refused_and_not_kept(
    endpoint: Any, body: bytes, signature: Any, status: int
) -> None:
    signature = signature(body) if callable(signature) else signature
    assert (deliver(endpoint, body, signature).status_code, kept()) == (status, 0)


def test_a_test_event_is_refused_where_keys_are_live(endpoint: Any) -> None:
    endpoint.STRIPE_SECRET_KEY = "sk_live_1"

    assert (deliver(endpoint, _BODY, signed(_BODY, SECRET)).status_code, kept()) == (403, 0)


def test_attack_101_without_a_secret_nothing_is_taken(endpoint: Any) -> None:
    endpoint.STRIPE_WEBHOOK_SECRET = ""

    refused = deliver(endpoint, _BODY, signed(_BODY, SECRET))

    assert (refused.status_code, kept()) == (503, 0)
    assert refused.json()["code"] == "billing_not_configured"


def test_while_a_secret_is_changed_both_are_taken(endpoint: Any) -> None:
    endpoint.STRIPE_WEBHOOK_SECRET = f"whsec_new,{SECRET}"

    assert deliver(endpoint, _BODY, signed(_BODY, SECRET)).status_code == 204


# -- what comes of it ------------------------------------------------------------------------------------------------


def _bought(shop: Shop, person: Any) -> None:
    assert post(person, "checkout-sessions", TEAM).status_code == 201
    shop.pay()


def _state(shop: Shop) -> dict[str, Any]:
    """Everything that a fold writes, without when it did and how often it looked."""
    with tenancy.platform():
        account = BillingAccount.objects.get(organization_id=shop.organization.id)
        rows = Subscription.objects.filter(organization_id=shop.organization.id).order_by("started_at")
        invoices = Invoice.objects.filter(organization_id=shop.organization.id).order_by("stripe_id")
        ignored = ["folded_at", "updated_at", "folds", "entitlements_version", "ahead_seconds", "id"]
        return {
            "account": model_to_dict(account, exclude=[*ignored, "entitlements", "entitlements_until"]),
            "subscriptions": [model_to_dict(row, exclude=ignored) for row in rows],
            "invoices": [model_to_dict(row, exclude=ignored) for row in invoices],
            "plan": account.entitlements["spans"][0]["values"],
        }


def _recorded(shop: Shop, settings: Any, wanted: int) -> list[tuple[bytes, str]]:
    """The deliveries of Stripe's last acts, signed by it: one of each of the last ``wanted`` events."""
    until = time.monotonic() + 60
    while len(shop.delivered.events()) < wanted and time.monotonic() < until:
        time.sleep(0.1)
    found = [(body, signature) for _, body, signature in shop.delivered.events()]
    assert len(found) >= wanted
    return found


def _replay(settings: Any, deliveries: list[tuple[bytes, str]], *, each_look: bool) -> None:
    for body, signature in deliveries:
        assert deliver(settings, body, signature).status_code == 204
        if each_look:
            with tenancy.platform():
                looking.look()
    with tenancy.platform():
        looking.look()


def _pick(shop: Shop, settings: Any) -> list[tuple[bytes, str]]:
    kinds = {
        "checkout.session.completed",
        "customer.subscription.created",
        "customer.subscription.updated",
        "invoice.paid",
        "invoice.payment_failed",
        "customer.updated",
    }
    found = _recorded(shop, settings, 5)
    picked = [one for one in found if json.loads(one[0])["type"] in kinds]
    return [*picked, *(one for one in found if one not in picked)][:5]


def test_every_order_of_five_events_ends_in_one_state(shop: Shop, olga: Any, settings: Any) -> None:
    _bought(shop, olga)
    events = _pick(shop, settings)
    ends = []

    for number, order in enumerate(itertools.permutations(events)):
        block = transaction.atomic()
        block._from_testcase = True  # type: ignore[attr-defined]  # undone, so that each order begins alike
        with block:
            # Each of them twice in every other order; in every third a look after each.
            deliveries = [one for one in order for _ in range(1 + number % 2)]
            _replay(settings, deliveries, each_look=number % 3 == 0)
            ends.append(_state(shop))
            transaction.set_rollback(True)

    assert len(ends) == 120
    assert all(end == ends[0] for end in ends)
    assert ends[0]["subscriptions"][-1]["state"] == "trialing"
    assert ends[0]["subscriptions"][-1]["seats"] == 12


def test_whatever_is_missing_the_sweep_finds(shop: Shop, olga: Any, settings: Any) -> None:
    _bought(shop, olga)
    events = _pick(shop, settings)
    with tenancy.platform():
        looking.look()

    for missing in range(len(events) + 1):
        block = transaction.atomic()
        block._from_testcase = True  # type: ignore[attr-defined]
        with block:
            came = [one for number, one in enumerate(events) if number != missing] if missing < len(events) else []
            _replay(settings, came, each_look=True)
            with tenancy.platform():
                found = sweeping.sweep()
                again = sweeping.sweep()
                looking.look()
                ids = set(StripeEvent.objects.values_list("id", flat=True))
            assert found >= 1
            assert again == 0
            assert {json.loads(body)["id"] for body, _ in events} <= ids
            assert shop.subscription.seats == 12
            transaction.set_rollback(True)


def test_attack_96_an_event_of_a_strangers_customer_changes_nothing(
    shop: Shop, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    stranger = shop.api.customers.create(
        {"name": "Nobody of ours", "metadata": {"organization": str(shop.organization.id)}}
    )
    body = json.dumps(
        event(data={"object": {"id": stranger.id, "object": "customer"}}, type="customer.updated")
    ).encode()
    before = _state(shop)

    deliver(settings, body, signed(body, settings.STRIPE_WEBHOOK_SECRET))
    with caplog.at_level("INFO", logger=looking.__name__), tenancy.platform():
        looking.look()

    with tenancy.platform():
        assert StripeEvent.objects.get(id="evt_1").state == "ignored"
    assert _state(shop) == before
    # How long it took is written down, of every event that is through: alarms count it.
    [said] = [one for one in caplog.records if one.getMessage() == "stripe.event_settled"]
    assert 0 <= vars(said)["lag_ms"] < 60_000


def test_attack_103_a_dispute_is_heard_though_it_names_the_charge_alone(shop: Shop, olga: Any, settings: Any) -> None:
    assert post(olga, "checkout-sessions", TEAM).status_code == 201
    shop.pay(card="pm_card_createDispute")
    shop.server.advance(days=15)  # the trial is over: paid, and disputed
    charge = shop.api.charges.list({"customer": shop.account.stripe_customer}).data[0]
    told = event(
        type="charge.dispute.created", data={"object": {"id": "du_1", "object": "dispute", "charge": charge.id}}
    )
    body = json.dumps(told).encode()

    deliver(settings, body, signed(body, settings.STRIPE_WEBHOOK_SECRET))
    with tenancy.platform():
        looking.look()
        disputes = Invoice.objects.filter(organization_id=shop.organization.id).values_list("dispute", flat=True)

        assert "needs_response" in list(disputes)


def test_while_stripe_is_out_of_reach_events_wait_and_none_is_parked(shop: Shop, olga: Any, settings: Any) -> None:
    _bought(shop, olga)
    body = about(shop.account.stripe_customer)
    deliver(settings, body, signed(body, settings.STRIPE_WEBHOOK_SECRET))
    settings.STRIPE_API_URL = "http://127.0.0.1:1"
    with tenancy.platform():
        StripeEvent.objects.filter(id="evt_1").update(attempts=looking.MAX_ATTEMPTS + 3)
        looking.look()
        assert StripeEvent.objects.get(id="evt_1").state == "new"

        settings.STRIPE_API_URL = shop.server.url
        StripeEvent.objects.filter(id="evt_1").update(run_at=now())
        looking.look()
        assert StripeEvent.objects.get(id="evt_1").state == "done"


def test_while_stripe_hangs_one_question_is_asked_and_no_try_is_counted(
    shop: Shop, olga: Any, settings: Any, monkeypatch: Any
) -> None:
    """Each question would hold a worker of the mails' queue for half a minute."""
    asked: list[Any] = []

    def hangs(organization_id: Any) -> bool:
        asked.append(organization_id)
        raise BillingUnavailable

    _bought(shop, olga)
    look = refreshing.refresh
    with tenancy.platform():
        organizations = [new_id() for _ in range(5)]
        for number, organization_id in enumerate(organizations):
            BillingAccount.objects.create(organization_id=organization_id, stripe_customer=f"cus_away_{number}")
            told = event(id=f"evt_away_{number}", data={"object": {"id": f"cus_away_{number}", "object": "customer"}})
            body = json.dumps(told).encode()
            deliver(settings, body, signed(body, settings.STRIPE_WEBHOOK_SECRET))
        monkeypatch.setattr(refreshing, "refresh", hangs)
        StripeEvent.objects.update(attempts=looking.MAX_ATTEMPTS - 1)

        looking.look()

        rows = StripeEvent.objects.filter(id__startswith="evt_away")
        waiting = list(rows.values_list("state", "attempts"))
        assert len(asked) == 1
        assert waiting == [("new", looking.MAX_ATTEMPTS - 1)] * 5
        assert not looking.is_due()
        nudged: list[int] = []
        monkeypatch.setattr(intake, "named", lambda name: SimpleNamespace(delay=lambda: nudged.append(1)))
        intake.nudge()
        assert nudged == []

        monkeypatch.setattr(refreshing, "refresh", lambda organization_id: organization_id in organizations)
        rows.update(run_at=now())
        assert looking.look() == 5
        intake.nudge()
        assert nudged == [1]
    monkeypatch.setattr(refreshing, "refresh", look)


def test_whom_stripe_does_not_answer_about_keeps_nobody_behind_them_waiting(endpoint: Any, monkeypatch: Any) -> None:
    asked: list[Any] = []

    def hangs_over_the_first(organization_id: Any) -> bool:
        asked.append(organization_id)
        if organization_id == asked[0]:
            raise BillingUnavailable
        return True

    monkeypatch.setattr(refreshing, "refresh", hangs_over_the_first)
    began = now()
    with tenancy.platform(), time_machine.travel(began, tick=False) as clock:
        for number in range(4):
            BillingAccount.objects.create(organization_id=new_id(), stripe_customer=f"cus_one_{number}")
            told = event(id=f"evt_one_{number}", data={"object": {"id": f"cus_one_{number}", "object": "customer"}})
            intake.keep([told], came_by="webhook")
        rows = StripeEvent.objects.filter(state="new")

        assert looking.look() == 0
        clock.shift(looking.AWAY + timedelta(seconds=1))
        assert looking.look() == 3
        assert (asked.count(asked[0]), rows.count()) == (1, 1)

        clock.shift(looking.AWAY)
        looking.look()  # asked again, and away again: it rests for as long as it has waited
        second = rows.get().run_at - now()
        clock.shift(timedelta(hours=3))
        looking.look()
        assert (asked.count(asked[0]), second) == (3, 2 * looking.AWAY + timedelta(seconds=1))
        assert rows.get().run_at - now() == looking.AWAY_AT_MOST


def test_a_sweep_that_finds_too_much_comes_to_the_rest_with_the_next(endpoint: Any, monkeypatch: Any) -> None:
    there = [event(id=f"evt_swept_{number}", created=int(time.time()) - number) for number in range(250)]
    monkeypatch.setattr(sweeping, "_MOST", 120)
    monkeypatch.setattr(sweeping.gateway, "events_since", lambda since: iter(there))
    monkeypatch.setattr(sweeping.gateway, "events_not_delivered", lambda: iter(()))
    with tenancy.platform():
        found = [sweeping.sweep()]
        unfinished = not StripeSweep.objects.filter(name="events").exists()
        found += [sweeping.sweep(), sweeping.sweep()]

        assert StripeEvent.objects.count() == 250
        assert StripeSweep.objects.filter(name="events").exists()
    assert (found, unfinished) == ([200, 50, 0], True)


def test_what_fails_is_tried_later_parked_and_looked_into_again(
    shop: Shop, olga: Any, settings: Any, monkeypatch: Any
) -> None:
    from billing.inbox.jobs import ParkedEvents, job_id
    from billing.subscriptions.fold import UnknownPrice

    def fails(organization_id: Any) -> bool:
        raise UnknownPrice("sub_1")

    _bought(shop, olga)
    customer = shop.account.stripe_customer
    body = about(customer)
    deliver(settings, body, signed(body, settings.STRIPE_WEBHOOK_SECRET))
    look = refreshing.refresh
    monkeypatch.setattr(refreshing, "refresh", fails)
    with tenancy.platform():
        StripeEvent.objects.filter(id="evt_1").update(attempts=looking.MAX_ATTEMPTS - 2)
        looking.look()
        once = StripeEvent.objects.get(id="evt_1")
        StripeEvent.objects.filter(id="evt_1").update(run_at=now())
        looking.look()
        parked = ParkedEvents().lines(state="failed", organization_id=shop.organization.id, limit=5)

        assert (once.state, once.run_at > now()) == ("new", True)
        assert [(line.id, line.can_retry) for line in parked] == [(job_id("evt_1"), True)]

        monkeypatch.setattr(refreshing, "refresh", look)
        ParkedEvents().retry(job_id("evt_1"), reason="The price is one of ours")
        looking.look()
        assert StripeEvent.objects.get(id="evt_1").state == "done"
    assert shop.subscription.seats == 12


def test_payloads_are_forgotten_after_ninety_days(endpoint: Any) -> None:
    deliver(endpoint, _BODY, signed(_BODY, SECRET))
    with tenancy.platform():
        assert looking.forget_payloads() == 0
        StripeEvent.objects.update(received_at=now() - timedelta(days=91))
        assert looking.forget_payloads() == 1
        assert StripeEvent.objects.get().payload is None
