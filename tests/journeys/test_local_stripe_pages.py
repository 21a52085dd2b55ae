"""The local Stripe in a browser: buying, the portal, an invoice and the clock; on a desk, on phones and in the dark."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.staff import looked_at, violations
from tests.support.stripe_server import DAY, StripeServer


@pytest.fixture(scope="module")
def server() -> Iterator[StripeServer]:
    with StripeServer() as running:
        yield running


@pytest.fixture(scope="module")
def shop(server: StripeServer) -> dict[str, str]:
    """Seats and a metered price, in two currencies."""
    v1 = server.client().v1
    meter = v1.billing.meters.create(
        {"display_name": "GB", "event_name": "delivered", "default_aggregation": {"formula": "sum"}}
    )
    seat = v1.prices.create(
        {
            "product_data": {"name": "Team"},
            "currency": "usd",
            "unit_amount": 700,
            "currency_options": {"eur": {"unit_amount": 700}},
            "recurring": {"interval": "month"},
        }
    )
    metered = v1.prices.create(
        {
            "product_data": {"name": "Delivered data"},
            "currency": "usd",
            "unit_amount_decimal": "5",
            "currency_options": {"eur": {"unit_amount_decimal": "5"}},
            "recurring": {"interval": "month", "usage_type": "metered", "meter": meter.id},
        }
    )
    return {"seat": seat.id, "metered": metered.id}


@pytest.fixture(params=["light", "dark"])
def page(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = chromium.new_context(color_scheme=request.param, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.on("console", lambda said: broken.append(said.text) if "Content Security Policy" in said.text else None)
    yield page
    context.close()
    assert broken == []


def session(server: StripeServer, shop: dict[str, str], **more: Any) -> tuple[Any, Any]:
    """A customer and a checkout for ten seats."""
    v1 = server.client().v1
    order = {"invoice_settings": {"custom_fields": [{"name": "PO number", "value": "4711"}]}}
    customer = v1.customers.create({"email": "owner@acme.example", "name": "Acme GmbH", **order})  # type: ignore[typeddict-item]
    opened = v1.checkout.sessions.create(
        {
            "mode": "subscription",
            "customer": customer.id,
            "currency": "eur",
            "line_items": [{"price": shop["seat"], "quantity": 10}, {"price": shop["metered"]}],
            "success_url": f"{server.url}/?said=Bought+{{CHECKOUT_SESSION_ID}}",
            "cancel_url": server.url,
            "automatic_tax": {"enabled": True},
            "tax_id_collection": {"enabled": True},
            "customer_update": {"address": "auto", "name": "auto"},
            **more,
        }
    )
    return customer, opened


def fill_card(page: Page, number: str) -> None:
    page.get_by_label("Card number").fill(number)
    page.get_by_label("Expiry").fill("12 / 34")
    page.get_by_label("CVC").fill("123")


def test_somebody_buys_with_tax_by_their_country_and_without_for_a_business(
    server: StripeServer, shop: dict[str, str], page: Page
) -> None:
    customer, opened = session(server, shop)
    assert looked_at(page, opened.url) == []

    page.get_by_label("Country").select_option("DE")
    expect(page.locator("#sums")).to_contain_text("€83.30")
    page.get_by_label("VAT id").fill("DE123456789")
    page.get_by_label("VAT id").press("Tab")
    expect(page.locator("#sums")).to_contain_text("reverse charge")
    page.get_by_role("button", name="Subscribe").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter the number of a card.")
    assert violations(page) == []
    fill_card(page, "4000 0000 0000 9995")
    page.get_by_role("button", name="Subscribe").click()
    expect(page.get_by_role("alert")).to_have_text("Your card has insufficient funds.")
    fill_card(page, "4242 4242 4242 4242")
    page.get_by_label("CVC").press("Enter")
    page.wait_for_url(f"**/?said=Bought+{opened.id}")
    assert looked_at(page, page.url) == []

    v1 = server.client().v1
    done = v1.checkout.sessions.retrieve(opened.id, {"expand": ["invoice", "subscription"]})
    assert (done.status, done.payment_status, done.amount_total) == ("complete", "paid", 7000)
    assert done.invoice.total_taxes[0].taxability_reason == "reverse_charge"
    assert done.subscription.status == "active"
    assert [one.value for one in v1.customers.tax_ids.list(customer.id).data] == ["DE123456789"]
    page.goto(opened.url)
    expect(page.get_by_role("heading", level=1)).to_have_text("Paid already")


def test_a_card_that_asks_its_owner_and_a_trial_that_costs_nothing_today(
    server: StripeServer, shop: dict[str, str], page: Page
) -> None:
    _, opened = session(server, shop, subscription_data={"trial_end": server.now() + 9 * DAY})
    page.goto(opened.url)
    expect(page.locator("#sums")).to_contain_text("nothing until the trial ends")
    fill_card(page, "4000002500003155")
    page.get_by_role("button", name="Start the trial").click()
    assert violations(page) == []
    page.get_by_role("button", name="Fail").click()
    expect(page.get_by_role("alert")).to_contain_text("could not confirm")
    fill_card(page, "4000002500003155")
    page.get_by_role("button", name="Start the trial").click()
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url(f"**/?said=Bought+{opened.id}")

    v1 = server.client().v1
    done = v1.checkout.sessions.retrieve(opened.id, {"expand": ["subscription"]})
    assert (done.payment_status, done.subscription.status) == ("no_payment_required", "trialing")


def test_a_failed_renewal_is_paid_on_the_page_of_its_invoice(
    server: StripeServer, shop: dict[str, str], page: Page
) -> None:
    customer, opened = session(server, shop)
    page.goto(opened.url)
    page.get_by_text("Test cards").click()
    page.get_by_role("button", name="4242 4242 4242 4242").click()
    page.get_by_role("button", name="Subscribe").click()
    page.wait_for_url("**/?said=*")
    v1 = server.client().v1
    features = {
        "payment_method_update": {"enabled": True},
        "invoice_history": {"enabled": True},
        "customer_update": {"enabled": True, "allowed_updates": ["address", "name", "tax_id"]},
        "subscription_cancel": {"enabled": True, "mode": "at_period_end"},
    }
    offers = v1.billing_portal.configurations.create({"features": features})  # type: ignore[typeddict-item]
    wanted = {"customer": customer.id, "return_url": server.url, "configuration": offers.id}
    portal = v1.billing_portal.sessions.create(wanted)  # type: ignore[arg-type]
    assert looked_at(page, portal.url) == []
    page.get_by_label("Country").select_option("GB")
    page.get_by_label("VAT id").fill("GB12")
    page.get_by_role("button", name="Save the details").click()
    expect(page.get_by_role("alert")).to_have_text("Invalid value for gb_vat.")
    page.get_by_label("VAT id").fill("GB123456789")
    page.get_by_role("button", name="Save the details").click()
    expect(page.get_by_role("status")).to_have_text("The details are on invoices from now on.")
    assert v1.customers.retrieve(customer.id).address.country == "GB"
    assert v1.customers.tax_ids.list(customer.id).data[0].value == "GB123456789"
    page.get_by_role("button", name="Cancel the subscription").click()
    expect(page.get_by_role("status")).to_have_text("The subscription ends with its period.")
    page.get_by_role("button", name="Do not cancel").click()
    fill_card(page, "4000 0000 0000 0341")
    page.get_by_role("button", name="Change the card").click()
    expect(page.get_by_role("status")).to_have_text("The new card is used from now on.")
    assert looked_at(page, server.url) == []
    page.get_by_role("button", name="+ 1 month").click()
    page.get_by_role("button", name="+ 1 day").click()

    (subscription,) = v1.subscriptions.list({"customer": customer.id}).data
    invoice = v1.invoices.retrieve(subscription.latest_invoice)
    assert (subscription.status, invoice.status, invoice.custom_fields[0].value) == ("past_due", "open", "4711")
    assert looked_at(page, invoice.hosted_invoice_url) == []
    expect(page.get_by_text("4711")).to_be_visible()
    page.get_by_role("button", name="ending in 0341").click()
    expect(page.get_by_role("alert")).to_have_text("Your card was declined.")
    fill_card(page, "4242 4242 4242 4242")
    page.get_by_role("button", name="Pay €").click()
    expect(page.locator(".state")).to_have_text("Paid")
    assert v1.subscriptions.retrieve(subscription.id).status == "active"
    file = httpx.get(invoice.invoice_pdf, trust_env=False, timeout=60)
    assert file.content.startswith(b"%PDF-")
    assert invoice.number.encode() in file.content


def test_a_page_that_is_not_there_says_so(server: StripeServer, page: Page) -> None:
    assert looked_at(page, f"{server.url}/c/pay/cs_none") == []
    expect(page.get_by_role("heading", level=1)).to_have_text("Not here")
