"""A customer's whole life at a Stripe that really answers: at every step the ledger, our rows and Stripe agree."""

from __future__ import annotations

from typing import Any

import tenancy
from billing import gateway, ledger
from billing.finance import months, stripe_books
from billing.finance.cohorts import cohorts
from billing.finance.panel import read_again
from billing.finance.reconciliation import compare
from billing.models import Invoice, MrrMovement, Subscription
from tests.support.buying import Shop

TEAM = {"plan": "team", "interval": "month", "currency": "eur", "seats": 10}


def _post(person: Any, path: str, body: dict[str, Any]) -> Any:
    answer = person.client().post(f"/api/v1/{path}/", body, content_type="application/json")
    assert answer.status_code < 300, answer.content
    return answer.json()


def _buys(shop: Shop, owner: Any, **choice: Any) -> None:
    _post(owner, "checkout-sessions", {**TEAM, **choice})
    shop.pay()
    shop.refresh()


def _changes(shop: Shop, owner: Any, **wish: Any) -> None:
    shown = _post(owner, "plan-previews", wish)
    _post(owner, "plan-changes", {**wish, "token": shown["token"]})


def _moved(shop: Shop) -> list[tuple[str, int, int]]:
    with tenancy.platform():
        rows = MrrMovement.objects.filter(organization_id=shop.organization.id).order_by("id")
        return [(row.kind, row.before_minor, row.after_minor) for row in rows]


def _agree(shop: Shop) -> dict[str, Any]:
    """Compare everything; return the sums."""
    with tenancy.platform():
        totals, found = compare(stripe_books.read())
    assert found == []
    sums: dict[str, Any] = dict(totals)
    for line in [*sums["mrr"], *sums["paid"]]:
        assert line["rows"] == line["stripe"] == line.get("ledger", line["rows"]), line
    return sums


def test_from_the_trial_to_the_end_everything_agrees_to_the_cent(shop: Shop, olga: Any) -> None:
    _buys(shop, olga)
    assert (_moved(shop), _agree(shop)["mrr"]) == ([], [{"currency": "eur", "ledger": 0, "rows": 0, "stripe": 0}])

    shop.advance(days=15)
    assert _moved(shop)[-1] == ("new", 0, 7000)
    assert _agree(shop)["mrr"] == [{"currency": "eur", "ledger": 7000, "rows": 7000, "stripe": 7000}]

    shop.advance(days=10)
    _changes(shop, olga, seats=15)
    assert _moved(shop)[-1] == ("expansion", 7000, 10_500)
    _agree(shop)

    _changes(shop, olga, plan="growth", seats=25)
    assert _moved(shop)[-1] == ("expansion", 10_500, 25_000)
    _changes(shop, olga, interval="year")
    assert _moved(shop)[-1] == ("contraction", 25_000, 20_833)  # ten months' money for a year, by the month
    _agree(shop)

    shop.use_card("pm_card_chargeCustomerFail")
    shop.advance(days=366)
    assert shop.subscription.state == "past_due"
    assert _moved(shop)[-1][0] == "contraction"  # late is not gone
    _agree(shop)

    shop.advance(days=14)
    assert shop.subscription.state == "read_only"
    assert _moved(shop)[-1] == ("churn", 20_833, 0)
    _agree(shop)

    shop.use_card("pm_card_visa")
    with tenancy.platform():
        owed = Invoice.objects.get(organization_id=shop.organization.id, status="open")
    shop.api.invoices.pay(owed.stripe_id)
    shop.refresh()
    assert _moved(shop)[-1] == ("reactivation", 0, 20_833)
    paid = _agree(shop)["paid"]
    assert sum(line["rows"] for line in paid) > 0

    shop.api.subscriptions.cancel(str(shop.subscription.stripe_id))
    shop.refresh()
    assert _moved(shop)[-1] == ("churn", 20_833, 0)
    assert _agree(shop)["mrr"] == []

    with tenancy.platform():
        (euro,) = [found for found in months.revenue(months=36) if found.currency == "eur"]
        mine = next(line for line in cohorts(months=36) if line.converted)
    assert (euro.mrr_minor, euro.customers) == (0, 0)
    assert sum(line.customers_churned for line in euro.months) == 2
    for one, other in zip(euro.months, euro.months[1:], strict=False):
        assert one.closing_minor == other.opening_minor
    assert mine.converted == 1
    assert mine.median_days == 15  # booked when we looked, a day after the trial was over


def test_what_we_missed_is_found_and_reading_again_puts_it_right(shop: Shop, olga: Any) -> None:
    _buys(shop, olga)
    shop.advance(days=15)
    with tenancy.platform():
        Subscription.objects.filter(organization_id=shop.organization.id).update(mrr_minor=1, seats=1)
        Invoice.objects.filter(organization_id=shop.organization.id).update(paid_minor=3)

        _, found = compare(stripe_books.read())
        assert sorted({one.kind for one in found}) == ["invoice", "ledger", "subscription"]
        assert {one.organization_id for one in found} == {str(shop.organization.id)}
        assert read_again(shop.organization.id)

    _agree(shop)


def test_a_subscription_that_somebody_made_by_hand_is_told(shop: Shop, olga: Any) -> None:
    _buys(shop, olga)
    stranger = shop.api.customers.create({"name": "Nobody of ours"})
    product = shop.api.products.create({"name": "By hand"})
    price = shop.api.prices.create(
        {"product": product.id, "currency": "eur", "unit_amount": 250, "recurring": {"interval": "month"}}
    )
    method = shop.api.payment_methods.attach("pm_card_visa", {"customer": stranger.id})
    made = shop.api.subscriptions.create(
        {"customer": stranger.id, "default_payment_method": method.id, "items": [{"price": price.id, "quantity": 2}]}
    )

    with tenancy.platform():
        _, found = compare(stripe_books.read())

    (line,) = [one for one in found if one.kind == "subscription_unknown"]
    assert (line.reference, line.stripe_minor, line.organization_id) == (made.id, 500, None)
    assert {one.kind for one in found} == {"subscription_unknown", "invoice_unknown"}


def test_use_beyond_the_plan_is_told_apart_from_what_recurs(shop: Shop, olga: Any) -> None:
    _buys(shop, olga)
    shop.advance(days=15)
    gateway.send_meter_event(
        event_name="lms_delivered_bytes",
        customer=str(shop.account.stripe_customer),
        value=10 * 10**9,  # ten GB at five cents
        identifier="walk:1",
        at=_now(shop),
    )
    shop.advance(days=31)

    with tenancy.platform():
        invoice = Invoice.objects.filter(organization_id=shop.organization.id).latest("issued_at")
        assert ledger.balances(shop.organization.id) == {"eur": 7000}
    assert (invoice.recurring_minor, invoice.overage_minor) == (7000, 50)
    _agree(shop)


def _now(shop: Shop) -> Any:
    from billing.clock import now_of

    return now_of(shop.account)
