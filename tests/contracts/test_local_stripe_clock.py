"""What the local Stripe does by itself as time goes by: trials end, payments are tried again, invoices fall due."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import stripe

from tests.contracts.stripe_shop import START, Shop, amounts
from tests.support.stripe_server import CLOCK, DAY, StripeServer


@pytest.fixture
def shop() -> Iterator[Shop]:
    with StripeServer(frozen_at=START) as server:
        yield Shop(server)


def test_a_trial_warns_ends_and_is_paid(shop: Shop) -> None:
    customer = shop.customer()
    subscription = shop.subscribe(customer, trial_end=START + 14 * DAY + 3600)
    assert (subscription.status, shop.invoices(customer)[0].total) == ("trialing", 0)

    shop.server.advance(to=START + 11 * DAY)
    assert "customer.subscription.trial_will_end" not in shop.kinds(customer)
    shop.server.advance(days=1)
    assert shop.kinds(customer).count("customer.subscription.trial_will_end") == 1
    shop.server.advance(to=START + 14 * DAY + 3700)
    assert (shop.subscription(subscription).status, shop.invoices(customer)[-1].status) == ("active", "draft")
    shop.server.advance(seconds=3600)

    assert (shop.invoices(customer)[-1].status, amounts(shop.invoices(customer)[-1])) == ("paid", [7000])


@pytest.mark.parametrize(
    ("ends", "status"), [("create_invoice", "past_due"), ("cancel", "canceled"), ("pause", "paused")]
)
def test_a_trial_that_ends_without_a_card_does_what_was_said(shop: Shop, ends: str, status: str) -> None:
    customer = shop.customer(card="")
    settings = {"end_behavior": {"missing_payment_method": ends}}
    subscription = shop.subscribe(customer, trial_period_days=7, trial_settings=settings)

    shop.server.advance(days=8)

    assert shop.subscription(subscription).status == status


def test_a_failed_renewal_is_tried_four_times_and_ends_after_thirty_days(shop: Shop) -> None:
    customer = shop.customer()
    subscription = shop.subscribe(customer)
    shop.give(customer, "pm_card_chargeCustomerFail")
    shop.next_period(subscription)
    first = shop.invoices(customer)[-1]
    assert (first.status, first.attempt_count, shop.subscription(subscription).status) == ("open", 1, "past_due")
    failed_at = first.status_transitions.finalized_at
    assert first.next_payment_attempt == failed_at + 3 * DAY
    seen = []
    for day in (4, 6, 8):
        shop.server.advance(to=failed_at + day * DAY)
        seen.append(shop.v1.invoices.retrieve(first.id).attempt_count)

    assert seen == [2, 3, 4]
    assert shop.v1.invoices.retrieve(first.id).next_payment_attempt is None
    shop.server.advance(to=failed_at + 29 * DAY)
    assert shop.subscription(subscription).status == "past_due"
    shop.server.advance(days=2)
    ended = shop.subscription(subscription)
    assert (ended.status, ended.cancellation_details.reason) == ("canceled", "payment_failed")


@pytest.mark.parametrize("status", ["unpaid", "canceled"])
def test_what_follows_the_last_retry_is_a_setting(shop: Shop, status: str) -> None:
    shop.server.local("after_retries", status=status)
    customer = shop.customer()
    subscription = shop.subscribe(customer)
    shop.give(customer, "pm_card_chargeCustomerFail")
    shop.next_period(subscription)
    shop.server.advance(days=8)

    assert shop.subscription(subscription).status == status


def test_who_pays_the_open_invoice_is_back_at_once(shop: Shop) -> None:
    customer = shop.customer()
    subscription = shop.subscribe(customer)
    shop.give(customer, "pm_card_chargeCustomerFail")
    shop.next_period(subscription)
    invoice = shop.invoices(customer)[-1]
    with pytest.raises(stripe.CardError) as declined:
        shop.v1.invoices.pay(invoice.id)
    assert declined.value.http_status == 402
    assert shop.v1.invoices.retrieve(invoice.id).attempt_count == 2  # what was tried stays

    shop.give(customer, "pm_card_visa")
    paid = shop.v1.invoices.pay(invoice.id, {"expand": ["payments"]})

    assert (paid.status, shop.subscription(subscription).status) == ("paid", "active")
    assert [one.status for one in paid.payments.data] == ["paid"]
    with pytest.raises(stripe.InvalidRequestError) as again:
        shop.v1.invoices.pay(invoice.id)
    assert again.value.code == "invoice_already_paid"


def test_a_change_that_cannot_be_paid_is_taken_back_whole(shop: Shop) -> None:
    customer = shop.customer()
    subscription = shop.subscribe(customer)
    shop.give(customer, "pm_card_chargeCustomerFail")
    shop.server.advance(days=3)
    change = {**shop.change(subscription, quantity=99), "payment_behavior": "error_if_incomplete"}
    before = shop.kinds(customer)

    with pytest.raises(stripe.CardError):
        shop.v1.subscriptions.update(subscription.id, change)  # type: ignore[arg-type]

    assert shop.subscription(subscription)["items"].data[0].quantity == 10
    assert (len(shop.invoices(customer)), shop.kinds(customer)) == (1, before)
    with pytest.raises(stripe.CardError):
        shop.subscribe(customer, payment_behavior="error_if_incomplete")
    assert shop.subscribe(customer).status == "incomplete"
    shop.server.advance(days=1)
    listed = shop.v1.subscriptions.list({"customer": customer, "status": "incomplete_expired"}).data
    assert len(listed) == 1


def test_an_invoice_that_is_sent_is_due_later_and_past_due_after_that(shop: Shop) -> None:
    customer = shop.customer(card="")
    subscription = shop.subscribe(customer, collection_method="send_invoice", days_until_due=30)
    invoice = shop.invoices(customer)[-1]
    assert (subscription.status, invoice.status, invoice.due_date) == ("active", "open", START + 30 * DAY)

    shop.server.advance(days=27)
    assert shop.subscription(subscription).status == "active"
    shop.v1.invoices.pay(invoice.id, {"paid_out_of_band": True})
    shop.server.advance(days=5)
    second = shop.invoices(customer)[-1]
    shop.server.advance(to=second.due_date + 60)
    assert shop.subscription(subscription).status == "past_due"
    assert "invoice.overdue" in shop.kinds(customer)
    for one in shop.invoices(customer):
        if one.status in ("draft", "open"):
            shop.v1.invoices.pay(one.id, {"paid_out_of_band": True})
    assert shop.subscription(subscription).status == "active"


def test_the_clock_goes_forward_only_and_survives_a_restart(shop: Shop) -> None:
    shop.server.advance(days=3)
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.test_helpers.test_clocks.advance(CLOCK, {"frozen_time": START})
    customer = shop.customer()
    shop.server.kill()
    shop.server.start()

    assert shop.server.now() == START + 3 * DAY
    assert shop.v1.customers.retrieve(customer).test_clock == CLOCK


def leads(server: StripeServer, seconds: int) -> bool:
    """Whether its clock is so far ahead of this machine's, however long the answer took; it tells whole seconds."""
    before = time.time()
    told = server.now()
    return before + seconds - 2 <= told <= time.time() + seconds + 1


def test_an_unfrozen_clock_goes_with_the_machine_and_keeps_its_lead() -> None:
    with StripeServer() as server:
        shop = Shop(server)
        assert leads(server, 0)
        server.advance(days=10)
        assert leads(server, 10 * DAY)
        customer = shop.v1.customers.create({"address": {"country": "DE"}}).id
        made = shop.v1.customers.tax_ids.create(customer, {"type": "eu_vat", "value": "DE123456789"})
        assert made.verification.status == "pending"
        deadline = time.monotonic() + 60
        while shop.v1.customers.tax_ids.retrieve(customer, made.id).verification.status == "pending":
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert shop.v1.customers.tax_ids.retrieve(customer, made.id).verification.status == "verified"
