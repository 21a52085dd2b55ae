"""Use beyond the plan, to the end: noted, told, on an invoice to the cent, and the same in every book."""

from __future__ import annotations

from typing import Any

import tenancy
from billing.api import DELIVERED_BYTES, Hour, note_delivered
from billing.clock import now_of
from billing.finance import stripe_books
from billing.finance.months import revenue
from billing.finance.reconciliation import compare
from billing.models import Invoice, Quota, UsageDay, UsageEvent
from billing.tests.test_buying import TEAM, post
from billing.usage import months, telling
from core.ids import new_id
from tests.support.buying import Shop

GB = 10**9
# 20.25 GB at 0.05 each are 101.25 cents: an invoice has whole ones.
BEYOND, BEYOND_MINOR = 20_250_000_000, 101
# The smallest film there is: nobody is charged a cent for it.
NEXT_TO_NOTHING = 1_000


def _deliver(shop: Shop, amount: int) -> None:
    with tenancy.platform():
        hour = now_of(shop.account).replace(minute=0, second=0, microsecond=0)
        assert note_delivered(
            f"log-{new_id()}", start=0, end=1, amounts={Hour(shop.organization.id, None, hour): amount}
        )


def _invoices(shop: Shop) -> list[Invoice]:
    with tenancy.platform():
        return list(Invoice.objects.filter(organization_id=shop.organization.id).order_by("issued_at"))


def _overage_of(shop: Shop, invoice: Invoice) -> tuple[int, list[int]]:
    """What Stripe's own lines of an invoice say for use, and how much of it was used by them."""
    found = shop.api.invoices.retrieve(invoice.stripe_id).to_dict()
    lines = [one for one in found["lines"]["data"] if one["quantity"] and one["quantity"] > 1_000]
    return sum(one["amount"] for one in lines), [one["quantity"] for one in lines]


def test_what_was_used_beyond_the_plan_is_charged_at_the_periods_end_to_the_cent(shop: Shop, olga: Any) -> None:
    shop.end_trial()
    assert post(olga, "checkout-sessions", TEAM).status_code == 201
    shop.check_out()
    shop.refresh()
    own = {"organization_id": shop.organization.id}
    with tenancy.platform():
        UsageEvent.objects.filter(**own).delete()
        UsageDay.objects.filter(**own).delete()
        months.roll()
        months.recount()
        included = Quota.objects.get(**own, meter=DELIVERED_BYTES).plan_limit
    assert included
    _deliver(shop, included)  # all of what is paid for: nothing more is owed
    chosen = olga.client().put("/api/v1/overage/", {"delivered_bytes": "overage"}, content_type="application/json")
    assert chosen.status_code == 200, chosen.content
    _deliver(shop, BEYOND - NEXT_TO_NOTHING)
    _deliver(shop, NEXT_TO_NOTHING)
    seen = olga.client().get("/api/v1/billing-usage/").json()["meters"]
    line = next(one for one in seen if one["meter"] == DELIVERED_BYTES)
    assert (line["overage_amount"], line["overage_minor"], line["currency"]) == (BEYOND, BEYOND_MINOR, "eur")
    with tenancy.platform():
        assert telling.report_usage() == 1
        assert telling.report_usage() == 0

    before = {one.stripe_id for one in _invoices(shop)}
    shop.advance(days=(shop.subscription.period_end - now_of(shop.account)).total_seconds() / 86_400, hours=3)

    (invoice,) = (one for one in _invoices(shop) if one.stripe_id not in before)
    assert _overage_of(shop, invoice) == (BEYOND_MINOR, [BEYOND])
    assert (invoice.overage_minor, invoice.recurring_minor) == (BEYOND_MINOR, 12 * 700)
    assert invoice.subtotal_minor == BEYOND_MINOR + 12 * 700
    assert invoice.total_minor == invoice.subtotal_minor + invoice.tax_minor
    assert (invoice.status, invoice.paid_minor) == ("paid", invoice.total_minor)
    assert invoice.tax_minor > 0
    with tenancy.platform():
        _, differences = compare(stripe_books.read())
        euros = next(one for one in revenue(months=3) if one.currency == "eur")
        month = next(one for one in euros.months if one.month == invoice.issued_at.date().replace(day=1))
    assert differences == []
    # Use is money and no recurring revenue: the ledger did not move for it.
    assert (month.overage_minor, month.closing_minor) == (BEYOND_MINOR, 12 * 700)
    assert month.paid_minor == invoice.total_minor

    # The next period owes nothing of it again.
    shop.advance(days=31, hours=3)
    latest = _invoices(shop)[-1]
    assert (latest.overage_minor, latest.recurring_minor) == (0, 12 * 700)
