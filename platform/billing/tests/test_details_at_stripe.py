"""Who pays, and whom Stripe writes to: our page and Stripe say the same, whoever typed it where."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

import tenancy
from billing.inbox import sweeping
from billing.models import BillingAccount, StripeIntent
from billing.tests.test_buying import BILLING, TEAM, bought, post
from core.clock import now
from tests.support.buying import Shop

NO_SUCH_VAT_ID, VAT_ID = "GB12345678", "DE123456789"
BUYER = {
    "legal_name": "Acme GmbH",
    "country": "DE",
    "address": {"line1": "Hafenstr. 1", "city": "Hamburg", "postal_code": "20457"},
    "contacts": ["books@acme.example"],
}


def patch(person: Any, **details: Any) -> Any:
    return person.client().patch(BILLING, details, content_type="application/json")


def customer(shop: Shop) -> Any:
    return shop.api.customers.retrieve(shop.account.stripe_customer, {"expand": ["tax_ids"]})


@pytest.fixture
def known(shop: Shop, olga: Any) -> Shop:
    """acme, on trial, with a customer at Stripe."""
    assert post(olga, "portal-sessions").status_code == 201
    return shop


def test_a_vat_id_that_is_none_leaves_everything_as_it_was(known: Shop, olga: Any) -> None:
    before = customer(known).name

    refused = patch(olga, **BUYER, vat_id=NO_SUCH_VAT_ID)

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "#/vat_id"
    assert olga.client().get(BILLING).json()["account"]["legal_name"] == ""
    assert customer(known).name == before

    assert patch(olga, **BUYER, vat_id=VAT_ID).status_code == 200
    at_stripe = customer(known)
    assert (at_stripe.name, at_stripe.email, at_stripe.address.city) == ("Acme GmbH", "books@acme.example", "Hamburg")
    assert [one.value for one in at_stripe.tax_ids.data] == [VAT_ID]


def test_what_was_written_is_told_whatever_is_folded_meanwhile(
    known: Shop, olga: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from billing.subscriptions import customers

    patch(olga, **BUYER)
    tell = customers.tell

    def folded_first(account: BillingAccount, **how: Any) -> None:
        known.refresh()  # an event came just now, and Stripe still has the former address
        tell(account, **how)

    monkeypatch.setattr(customers, "tell", folded_first)
    patch(olga, legal_name="Acme Holding BV", country="NL", address={"line1": "Kade 2", "city": "Rotterdam"})
    known.refresh()

    account = olga.client().get(BILLING).json()["account"]
    assert (account["legal_name"], account["country"], account["address"]["city"]) == (
        "Acme Holding BV",
        "NL",
        "Rotterdam",
    )


def test_a_name_that_was_typed_in_checkout_is_on_our_page_and_stays_on_invoices(shop: Shop, olga: Any) -> None:
    post(olga, "checkout-sessions", TEAM)
    shop.check_out(name="Acme Holding BV")
    shop.refresh()

    assert olga.client().get(BILLING).json()["account"]["legal_name"] == "Acme Holding BV"
    patch(olga, po_number="PO-7")
    assert customer(shop).name == "Acme Holding BV"


def test_the_organizations_own_name_is_nobodys_legal_name(known: Shop, olga: Any) -> None:
    known.refresh()

    assert customer(known).name != ""
    assert olga.client().get(BILLING).json()["account"]["legal_name"] == ""


def test_a_vat_id_that_was_taken_away_in_the_portal_is_gone_here(known: Shop, olga: Any) -> None:
    patch(olga, **BUYER, vat_id=VAT_ID)
    with tenancy.platform():
        StripeIntent.objects.filter(purpose="vat").update(ended_at=now() - timedelta(minutes=5))
    page = post(olga, "portal-sessions").json()["url"]
    form = {"name": "Acme GmbH", "line1": "Hafenstr. 1", "country": "DE", "vat_id": ""}
    assert httpx.post(f"{page}/details", data=form, trust_env=False).status_code == 303
    assert customer(known).tax_ids.data == []

    known.refresh()

    account = olga.client().get(BILLING).json()["account"]
    assert (account["vat_id"], account["vat_state"]) == ("", "")


def test_stripe_writes_to_nobody_who_has_left(shop: Shop, olga: Any) -> None:
    bought(shop, olga)
    shop.api.customers.update(shop.account.stripe_customer, {"email": "gone@acme.example"})

    with tenancy.platform():
        sweeping.compare()
    assert customer(shop).email == olga.email

    patch(olga, contacts=["books@acme.example"])
    assert customer(shop).email == "books@acme.example"
    patch(olga, contacts=[])
    assert customer(shop).email == olga.email


def test_who_is_to_get_invoices_says_first_where_they_go(shop: Shop, olga: Any) -> None:
    bought(shop, olga)

    refused = patch(olga, collection="invoice")

    assert refused.status_code == 422
    assert {error["pointer"] for error in refused.json()["errors"]} >= {"#/legal_name", "#/contacts"}
    assert shop.account.collection == "card"
    assert patch(olga, **BUYER, collection="invoice").json()["account"]["collection"] == "invoice"
    (running,) = shop.api.subscriptions.list({"customer": shop.account.stripe_customer}).data
    assert (running.collection_method, running.days_until_due) == ("send_invoice", 30)


def test_credit_in_another_currency_is_named_where_it_stands_in_the_way(shop: Shop, olga: Any) -> None:
    bought(shop, olga)
    shop.api.subscriptions.cancel(shop.subscription.stripe_id)
    credit = {"amount": -500, "currency": "eur"}
    shop.api.customers.balance_transactions.create(shop.account.stripe_customer, credit)
    shop.refresh()
    assert patch(olga, **BUYER, collection="invoice").status_code == 200

    refused = post(olga, "checkout-sessions", {**TEAM, "currency": "usd"})

    assert (refused.status_code, refused.json()["code"]) == (409, "change_not_possible")
    assert "currency" in refused.json()["detail"]
    assert post(olga, "checkout-sessions", TEAM).status_code == 201
