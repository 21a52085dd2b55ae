"""What finance does where Stripe has a part in it: credit, prices, the newest version, and reading again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

import tenancy
from billing.models import Invoice, Plan, PlanVersion, StripeIntent, Subscription
from core.clock import now
from staff.models import PlatformAuditEntry
from staff.testing import browser
from staff.tests.conftest import send
from tests.support.buying import Shop, collecting
from tests.support.stripe_server import StripeServer

WHY = {"reason": "Their films were away for a day", "ticket": "T-7"}


@pytest.fixture
def shop(db: None, world: Any, settings: Any, olga: Any) -> Iterator[Shop]:
    """acme, which has bought ten seats of Team and is past its trial."""
    with collecting() as (delivered, url), StripeServer(webhook_url=url) as server:
        settings.STRIPE_SECRET_KEY = server.secret_key
        settings.STRIPE_WEBHOOK_SECRET = server.webhook_secret
        settings.STRIPE_API_URL = server.url
        made = Shop(server, world.organizations["acme"], delivered)
        choice = {"plan": "team", "interval": "month", "currency": "eur", "seats": 10}
        bought = olga.client().post("/api/v1/checkout-sessions/", choice, content_type="application/json")
        assert bought.status_code == 201, bought.content
        made.pay()
        made.refresh()
        made.advance(days=15)
        yield made


@pytest.fixture
def finance(db: None) -> Client:
    return browser("finance")


def _path(shop: Shop, act: str) -> str:
    return f"organizations/{shop.organization.id}/{act}/"


def _give(client: Client, shop: Shop, key: str, **other: Any) -> Any:
    body = {"amount_minor": 1500, "currency": "eur", "note": "For the day without films", **WHY, **other}
    return client.post(
        f"/api/v1/{_path(shop, 'credits')}", body, content_type="application/json", headers={"Idempotency-Key": key}
    )


def test_credit_is_at_stripe_once_however_often_it_is_pressed(shop: Shop, finance: Client) -> None:
    first, again = _give(finance, shop, "press-1"), _give(finance, shop, "press-1")
    other = _give(finance, shop, "press-2", amount_minor=200)

    assert [answer.status_code for answer in (first, again, other)] == [200, 200, 200], first.content
    customer = shop.api.customers.retrieve(str(shop.account.stripe_customer))
    assert customer.balance == -1700
    shown = [(line["amount_minor"], line["state"]) for line in other.json()["credits"]]
    assert shown == [(200, "done"), (1500, "done")]
    with tenancy.platform():
        given = PlatformAuditEntry.objects.filter(action="organization.credit_given")
        assert [entry.changes["credit"][1]["amount_minor"] for entry in given.order_by("at")] == [1500, 200]
        assert {entry.reason for entry in given} == {WHY["reason"]}


def test_the_next_invoice_is_paid_with_it(shop: Shop, finance: Client) -> None:
    _give(finance, shop, "press-1")
    shop.advance(days=31)

    with tenancy.platform():
        invoice = Invoice.objects.filter(organization_id=shop.organization.id).latest("issued_at")
    found = shop.api.invoices.retrieve(invoice.stripe_id)
    assert found.amount_due == found.total - 1500


@pytest.mark.parametrize(
    "wrong", [{"amount_minor": 0}, {"amount_minor": 1_000_001}, {"currency": "usd"}, {"note": ""}, {"reason": ""}]
)
def test_credit_that_cannot_be_is_refused_before_stripe_is_asked(
    shop: Shop, finance: Client, wrong: dict[str, Any]
) -> None:
    answer = _give(finance, shop, "press-1", **wrong)

    assert answer.status_code == 422
    assert shop.api.customers.retrieve(str(shop.account.stripe_customer)).balance == 0
    with tenancy.platform():
        assert not StripeIntent.objects.filter(purpose="credit").exists()


def test_where_stripe_does_not_answer_credit_is_given_when_it_does(shop: Shop, finance: Client) -> None:
    from billing.subscriptions import intents

    shop.server.stop()
    answer = _give(finance, shop, "press-1")
    assert (answer.status_code, answer.json()["code"]) == (503, "payment_provider_unavailable")
    shown = send(finance, "GET", _path(shop, "billing")).json()
    assert ([line["state"] for line in shown["credits"]], shown["open_intents"]) == (["open"], 1)

    shop.server.start()
    with tenancy.platform():
        StripeIntent.objects.filter(purpose="credit").update(created_at=now().replace(year=now().year))
        for intent in StripeIntent.objects.filter(purpose="credit", state="open"):
            intents.run(intent)

    assert shop.api.customers.retrieve(str(shop.account.stripe_customer)).balance == -1500


def test_a_newer_version_is_offered_with_its_figures_and_taken_at_the_next_renewal(shop: Shop, finance: Client) -> None:
    with tenancy.platform():
        old = PlanVersion.objects.get(plan_id="team", sold_until=None)
        PlanVersion.objects.filter(id=old.id).update(sold_until=now())
        new = PlanVersion.objects.create(
            plan=Plan.objects.get(key="team"), number=2, seats_min=5, sold_from=now(), overage=old.overage,
            prices={"eur": {"month": {"seat_minor": 900, "stripe_price": None}}},
        )  # fmt: skip
        for row in old.entitlements.all():
            new.entitlements.create(feature=row.feature, value=row.value, per_seat=row.per_seat)
    assert send(finance, "GET", _path(shop, "billing")).json()["subscription"]["newest_version"] == 2

    shown = send(finance, "POST", _path(shop, "version-previews")).json()
    assert (shown["effective"], shown["due_now_minor"]) == ("renewal", 0)
    assert shown["next"]["total_minor"] - shown["next"]["tax_minor"] == 9000

    changed = send(finance, "POST", _path(shop, "version-changes"), {"token": shown["token"], **WHY})

    assert changed.status_code == 200, changed.content
    assert (changed.json()["subscription"]["version"], changed.json()["subscription"]["counted_minor"]) == (2, 9000)
    with tenancy.platform():
        row = Subscription.objects.get(organization_id=shop.organization.id)
        assert row.kept_version_id == old.id
        assert PlatformAuditEntry.objects.filter(action="organization.version_change_asked").exists()
    stale = send(finance, "POST", _path(shop, "version-changes"), {"token": "odd", **WHY})
    assert (stale.status_code, stale.json()["code"]) == (409, "preview_stale")


def test_prices_that_are_missing_at_stripe_are_made_once(shop: Shop, finance: Client) -> None:
    def missing() -> int:
        plans = send(finance, "GET", "plans/").json()["items"]
        version = next(plan for plan in plans if plan["key"] == "start")["versions"][0]
        return int(version["prices_wanted"] - version["prices_made"])

    assert missing() > 0
    for _ in range(2):
        made = send(finance, "POST", "plans/start/versions/1/prices/")
        assert made.status_code == 200, made.content
        assert missing() == 0
    keys = [price.lookup_key for price in shop.api.prices.list({"limit": 100}).auto_paging_iter()]
    assert len(keys) == len(set(keys))
    assert send(finance, "POST", "plans/start/versions/9/prices/").status_code == 404
    assert send(browser("operations"), "POST", "plans/start/versions/1/prices/").status_code == 403


def test_reading_again_puts_right_what_was_missed(shop: Shop, finance: Client) -> None:
    with tenancy.platform():
        Subscription.objects.filter(organization_id=shop.organization.id).update(mrr_minor=1)
    assert send(finance, "GET", _path(shop, "billing")).json()["is_booked"] is False

    answer = send(finance, "POST", _path(shop, "billing/reading"))

    assert answer.status_code == 200, answer.content
    assert (answer.json()["subscription"]["counted_minor"], answer.json()["is_booked"]) == (7000, True)
    assert answer.json()["invoices"][0]["status"] == "paid"
    assert answer.json()["customer_page"].startswith(shop.server.url)
