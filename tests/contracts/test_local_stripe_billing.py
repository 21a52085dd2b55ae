"""The local Stripe's sums: periods, prorations, usage, credit, tax and ends, as the API's documents say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import stripe

from tests.contracts.stripe_shop import SEAT_MINOR, START, Shop, amounts
from tests.support.stripe_server import DAY, StripeServer


@pytest.fixture
def shop() -> Iterator[Shop]:
    with StripeServer(frozen_at=START) as server:
        yield Shop(server)


def days_of(invoice: object) -> list[tuple[str, str]]:
    return [
        (
            f"{datetime.fromtimestamp(line.period.start, UTC):%d %b}",
            f"{datetime.fromtimestamp(line.period.end, UTC):%d %b}",
        )
        for line in invoice.lines.data  # type: ignore[attr-defined]
    ]


def test_a_whole_year_adds_up_to_the_cent(shop: Shop) -> None:
    customer = shop.customer("DE")
    subscription = shop.subscribe(customer, usage=True)
    for month in range(12):
        shop.use(customer, str(month * 10), f"month-{month}") if month else None
        shop.next_period(subscription)

    invoices = shop.invoices(customer)
    charges = [one for one in shop.v1.charges.list({"customer": customer, "limit": 100}).data if one.paid]
    usage = sum(month * 10 * 5 for month in range(12))
    assert len(invoices) == 13
    assert {one.status for one in invoices} == {"paid"}
    assert sum(one.subtotal for one in invoices) == 13 * 10 * SEAT_MINOR + usage
    assert sum(one.total for one in invoices) == sum(one.subtotal + one.total_taxes[0].amount for one in invoices)
    assert (
        sum(one.total for one in invoices) == sum(one.amount_paid for one in invoices) == sum(c.amount for c in charges)
    )
    assert all(one.total_taxes[0].amount == sum(line.taxes[0].amount for line in one.lines.data) for one in invoices)
    assert [one.number[-4:] for one in invoices] == [f"{number:04d}" for number in range(1, 14)]
    # The day of the month stays the 31st, where there is one.
    assert [days_of(one)[-1] for one in invoices[:4]] == [
        ("31 Jan", "28 Feb"),
        ("28 Feb", "31 Mar"),
        ("31 Mar", "30 Apr"),
        ("30 Apr", "31 May"),
    ]


def test_more_seats_are_paid_by_the_second_and_cost_what_the_preview_said(shop: Shop) -> None:
    customer = shop.customer("GB")
    subscription = shop.subscribe(customer)
    item = subscription["items"].data[0]
    shop.server.advance(to=item.current_period_start + 10 * DAY)
    change = shop.change(subscription, quantity=13)

    preview = shop.v1.invoices.create_preview({"subscription": subscription.id, "subscription_details": change})  # type: ignore[typeddict-item]
    assert shop.subscription(subscription)["items"].data[0].quantity == 10  # a preview changes nothing
    changed = shop.v1.subscriptions.update(subscription.id, {**change, "expand": ["latest_invoice"]})  # type: ignore[typeddict-item]

    left = item.current_period_end - item.current_period_start - 10 * DAY
    whole = item.current_period_end - item.current_period_start
    back, asked = (round(seats * SEAT_MINOR * left / whole) for seats in (10, 13))
    assert amounts(preview) == amounts(changed.latest_invoice) == [-back, asked]
    assert preview.total == changed.latest_invoice.total == changed.latest_invoice.amount_paid
    assert changed.latest_invoice.billing_reason == "subscription_update"
    shop.next_period(subscription)
    assert amounts(shop.invoices(customer)[-1]) == [13 * SEAT_MINOR]


def test_without_proration_only_the_next_invoice_differs(shop: Shop) -> None:
    customer = shop.customer()
    subscription = shop.subscribe(customer)
    shop.server.advance(days=5)
    change = shop.change(subscription, quantity=6, behaviour="none")
    coming = shop.v1.invoices.create_preview({"subscription": subscription.id, "subscription_details": change})  # type: ignore[typeddict-item]
    shop.v1.subscriptions.update(subscription.id, change)  # type: ignore[arg-type]
    assert len(shop.invoices(customer)) == 1

    shop.next_period(subscription)

    assert amounts(shop.invoices(customer)[-1]) == amounts(coming) == [6 * SEAT_MINOR]


def test_prorations_wait_for_the_next_invoice_by_default(shop: Shop) -> None:
    customer = shop.customer()
    subscription = shop.subscribe(customer)
    shop.server.advance(days=14)
    shop.v1.subscriptions.update(subscription.id, shop.change(subscription, quantity=20, behaviour="create_prorations"))  # type: ignore[arg-type]
    assert len(shop.invoices(customer)) == 1

    shop.next_period(subscription)

    back, asked, ahead = amounts(shop.invoices(customer)[-1])
    assert (asked, ahead) == (-2 * back, 20 * SEAT_MINOR)
    details = [line.parent.subscription_item_details.proration for line in shop.invoices(customer)[-1].lines.data]
    assert details == [True, True, False]


def test_from_months_to_years_the_rest_is_given_back_and_a_new_period_begins(shop: Shop) -> None:
    customer = shop.customer()
    subscription = shop.subscribe(customer)
    shop.server.advance(days=14)
    shop.v1.subscriptions.update(subscription.id, shop.change(subscription, price=shop.year))  # type: ignore[arg-type]

    item = shop.subscription(subscription)["items"].data[0]
    assert amounts(shop.invoices(customer)[-1]) == [-round(7000 * 14 / 28), 70000]
    assert (item.current_period_start, item.price.id) == (shop.server.now(), shop.year)
    assert f"{datetime.fromtimestamp(item.current_period_end, UTC):%Y-%m-%d}" == "2027-02-14"


def test_less_than_was_paid_for_becomes_credit_that_the_next_invoice_uses(shop: Shop) -> None:
    customer = shop.customer()
    subscription = shop.subscribe(customer)
    shop.server.advance(days=14)
    shop.v1.subscriptions.update(subscription.id, shop.change(subscription, quantity=4))  # type: ignore[arg-type]

    given = shop.invoices(customer)[-1]
    assert (given.total, given.amount_due, given.status) == (-2100, 0, "paid")
    assert shop.v1.customers.retrieve(customer).balance == -2100
    shop.next_period(subscription)
    used = shop.invoices(customer)[-1]
    assert (used.total, used.starting_balance, used.amount_due, used.amount_paid) == (2800, -2100, 700, 700)
    assert shop.v1.customers.retrieve(customer).balance == 0


def test_seats_by_the_year_and_usage_by_the_month_on_one_subscription(shop: Shop) -> None:
    customer = shop.customer()
    shop.subscribe(customer, price=shop.year, usage=True)
    shop.use(customer, "12", "first")
    shop.server.advance(days=29)
    shop.use(customer, "3.5", "second")
    shop.server.advance(days=31)

    assert [amounts(one) for one in shop.invoices(customer)] == [[70000], [60], [18]]
    shop.server.advance(days=310)
    assert amounts(shop.invoices(customer)[-1]) == [70000]


def test_usage_counts_once_in_its_window_and_up_to_the_end_of_the_draft(shop: Shop) -> None:
    customer = shop.customer()
    subscription = shop.subscribe(customer, usage=True)
    shop.use(customer, "10", "once")
    with pytest.raises(stripe.InvalidRequestError) as again:
        shop.use(customer, "10", "once")
    with pytest.raises(stripe.InvalidRequestError):
        shop.use(customer, "10", "old", at=shop.server.now() - 36 * DAY)
    with pytest.raises(stripe.InvalidRequestError):
        shop.use("cus_none", "1", "nobody")
    ends = subscription["items"].data[0].current_period_end
    shop.server.advance(to=ends + 600)
    draft = shop.invoices(customer)[-1]
    shop.use(customer, "7", "late", at=ends - 60)
    shop.server.advance(seconds=3600)

    assert again.value.code == "duplicate_meter_event"
    assert (draft.status, sorted(amounts(draft))) == ("draft", [50, 7000])
    assert sorted(amounts(shop.invoices(customer)[-1])) == [85, 7000]


@pytest.mark.parametrize(
    ("country", "vat_id", "percent", "reason"),
    [
        ("GB", "", 20, "standard_rated"),
        ("DE", "", 19, "standard_rated"),
        ("DE", "DE123456789", 0, "reverse_charge"),
        ("DE", "DE111111111", 19, "standard_rated"),
        ("DE", "DE222222222", 19, "standard_rated"),
        ("IE", "IE1234567T", 23, "standard_rated"),
        ("US", "", 0, "not_collecting"),
    ],
)
def test_tax_is_by_country_and_by_what_the_registry_says(
    shop: Shop, country: str, vat_id: str, percent: int, reason: str
) -> None:
    customer = shop.customer(country, vat_id=vat_id)
    shop.subscribe(customer)

    (invoice,) = shop.invoices(customer)
    (tax,) = invoice.total_taxes
    assert (tax.amount, tax.taxability_reason) == (7000 * percent // 100, reason)
    assert invoice.total == 7000 + tax.amount


def test_without_an_address_there_is_no_tax_and_no_sale(shop: Shop) -> None:
    customer = shop.v1.customers.create({"name": "Nowhere"}).id
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.subscribe(customer)

    assert refused.value.code == "customer_tax_location_invalid"
    with pytest.raises(stripe.InvalidRequestError) as wrong:
        shop.v1.customers.tax_ids.create(customer, {"type": "eu_vat", "value": "ZZ1"})
    assert wrong.value.code == "tax_id_invalid"


def test_cancelled_at_the_end_of_the_period_it_ends_then_with_its_last_usage(shop: Shop) -> None:
    customer = shop.customer()
    subscription = shop.subscribe(customer, usage=True)
    ends = subscription["items"].data[0].current_period_end
    told = shop.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    assert (told.cancel_at, told.status) == (ends, "active")
    taken_back = shop.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": False})
    assert (taken_back.cancel_at, taken_back.canceled_at) == (None, None)
    details = {"feedback": "too_expensive", "comment": "Budget"}
    shop.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True, "cancellation_details": details})  # type: ignore[typeddict-item]
    shop.use(customer, "20", "last")
    with pytest.raises(stripe.InvalidRequestError) as none:
        shop.v1.invoices.create_preview({"subscription": subscription.id})

    shop.server.advance(to=ends + 7200)

    ended = shop.subscription(subscription)
    assert none.value.code == "invoice_upcoming_none"
    assert (ended.status, ended.ended_at, ended.cancellation_details.feedback) == ("canceled", ends, "too_expensive")
    assert [amounts(one) for one in shop.invoices(customer)] == [[7000], [100]]
    shop.server.advance(days=60)
    assert len(shop.invoices(customer)) == 2
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": False})


def test_money_is_given_back_once_and_a_dispute_takes_it(shop: Shop) -> None:
    customer = shop.customer()
    shop.subscribe(customer)
    (charge,) = shop.v1.charges.list({"customer": customer}).data
    shop.v1.refunds.create({"charge": charge.id, "amount": 1000})
    with pytest.raises(stripe.InvalidRequestError):
        shop.v1.refunds.create({"charge": charge.id, "amount": 6001})
    shop.v1.refunds.create({"payment_intent": str(charge.payment_intent)})
    with pytest.raises(stripe.InvalidRequestError) as again:
        shop.v1.refunds.create({"charge": charge.id})

    assert shop.v1.charges.retrieve(charge.id).refunded
    assert again.value.code == "charge_already_refunded"
    other = shop.customer(card="pm_card_createDispute")
    shop.subscribe(other)
    (dispute,) = shop.v1.disputes.list().data
    shop.server.local("closed_disputes", dispute=dispute.id, won=False)
    assert shop.v1.disputes.retrieve(dispute.id).status == "lost"
    assert "charge.dispute.closed" in [one.type for one in shop.v1.events.list({"limit": 5}).data]


def test_a_customer_pays_in_one_currency_and_only_in_those_of_the_price(shop: Shop) -> None:
    customer = shop.customer()
    assert shop.subscribe(customer, currency="usd").currency == "usd"
    with pytest.raises(stripe.InvalidRequestError):
        shop.subscribe(customer, currency="eur")
    with pytest.raises(stripe.InvalidRequestError):
        shop.subscribe(shop.customer(), currency="gbp")
