"""Revenue by month, conversion and what is unpaid: figures of a history that is built change by change."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine

import tenancy
from billing import ledger
from billing.finance import months
from billing.finance.cohorts import cohorts
from billing.finance.unpaid import owed, unpaid
from billing.models import BillingAccount, Invoice, MrrMovement, Subscription
from billing.offers import newest_of
from core.ids import new_id

State = Subscription.State
TODAY = datetime(2031, 6, 15, 12, tzinfo=UTC)


@pytest.fixture
def clock(db: None) -> Iterator[Any]:
    with time_machine.travel(TODAY, tick=False) as traveller, tenancy.platform():
        yield traveller


class Customer:
    """An organization that begins with a trial, at the moment that it is."""

    def __init__(self, clock: Any, at: datetime) -> None:
        self.clock, self.id = clock, new_id()
        clock.move_to(at)
        BillingAccount.objects.create(organization_id=self.id)
        self.row = Subscription.objects.create(
            organization_id=self.id,
            version=newest_of("team"),
            state=State.TRIALING,
            seats=10,
            started_at=at,
            trial_end_at=at + timedelta(days=14),
        )

    def on(self, at: datetime, **fields: Any) -> Customer:
        """Let the subscription change at a moment."""
        self.clock.move_to(at)
        before = copy.copy(self.row)
        for name, value in fields.items():
            setattr(self.row, name, value)
        self.row.save()
        ledger.note(before, self.row)
        return self


def day(month: int, of: int, year: int = 2031) -> datetime:
    return datetime(year, month, of, 9, tzinfo=UTC)


def pays(minor: int, currency: str = "usd") -> dict[str, Any]:
    return {"state": State.ACTIVE, "mrr_minor": minor, "currency": currency}


def _invoice(organization_id: UUID, **fields: Any) -> Invoice:
    return Invoice.objects.create(
        **{
            "stripe_id": f"in_{new_id().hex}", "organization_id": organization_id, "status": "paid", "currency": "usd",
            "subtotal_minor": 1000, "tax_minor": 0, "total_minor": 1000, "paid_minor": 1000, "issued_at": day(6, 1),
            "paid_at": day(6, 1), **fields,
        }
    )  # fmt: skip


def test_each_month_opens_with_what_the_one_before_closed_at(clock: Any) -> None:
    Customer(clock, day(3, 1)).on(day(3, 20), **pays(7000)).on(day(4, 5), **pays(10_500)).on(day(6, 2), **pays(8000))
    Customer(clock, day(3, 2)).on(day(3, 9), **pays(2000)).on(day(5, 30), state=State.CANCELED)
    lost = Customer(clock, day(4, 1)).on(day(4, 10), **pays(500)).on(day(4, 25), state=State.READ_ONLY)
    lost.on(day(6, 3), state=State.ACTIVE)
    Customer(clock, day(5, 1)).on(day(5, 6), **pays(900, "eur"))
    clock.move_to(TODAY)

    euro, dollar = [found for found in months.revenue(months=5) if found.currency in ("eur", "usd")]

    assert [line.month for line in dollar.months] == [date(2031, n, 1) for n in range(2, 7)]
    assert [(line.opening_minor, line.closing_minor) for line in dollar.months] == [
        (0, 0), (0, 9000), (9000, 12_500), (12_500, 10_500), (10_500, 8500),
    ]  # fmt: skip
    assert dollar.months[1].moved_minor == {
        "new": 9000, "expansion": 0, "contraction": 0, "churn": 0, "reactivation": 0,
    }  # fmt: skip
    assert dollar.months[2].moved_minor == {
        "new": 500, "expansion": 3500, "contraction": 0, "churn": -500, "reactivation": 0,
    }  # fmt: skip
    assert dollar.months[4].moved_minor == {
        "new": 0, "expansion": 0, "contraction": -2500, "churn": 0, "reactivation": 500,
    }  # fmt: skip
    assert [(line.customers_opening, line.customers_closing) for line in dollar.months] == [
        (0, 0), (0, 2), (2, 2), (2, 1), (1, 2),
    ]  # fmt: skip
    may = dollar.months[3]
    assert (may.revenue_churn, may.logo_churn, may.retention) == (1600, 5000, 8400)
    assert dollar.months[1].revenue_churn is None  # there was nothing to lose
    assert (dollar.mrr_minor, dollar.customers, euro.mrr_minor, euro.customers) == (8500, 2, 900, 1)


@pytest.mark.parametrize("seed", range(10))
def test_whatever_happened_opening_and_movements_make_the_closing(clock: Any, seed: int) -> None:
    dice = random.Random(seed)
    customers = [Customer(clock, day(1, 1 + n)) for n in range(5)]
    at = day(1, 10)
    for _ in range(60):
        at += timedelta(hours=dice.randrange(1, 120))
        dice.choice(customers).on(
            at,
            state=dice.choice([State.TRIALING, State.ACTIVE, State.ACTIVE, State.PAST_DUE, State.READ_ONLY]),
            mrr_minor=dice.choice([0, 1, 333, 99_999]),
            currency=dice.choice(["usd", "usd", "gbp"]),
            is_comp=dice.random() < 0.1,
        )

    for found in months.revenue(months=36):
        assert all(
            one.closing_minor == other.opening_minor and one.customers_closing == other.customers_opening
            for one, other in zip(found.months, found.months[1:], strict=False)
        )
        live = ledger.with_counted().filter(currency=found.currency)
        assert found.mrr_minor == sum(row.counted for row in live)
        assert found.customers == sum(row.counted > 0 for row in live)
    # The facts behind a figure are the ones that a page lists.
    facts = months.movements_in(month=date(2031, 2, 1), currency="usd")
    line = next(line for line in _dollars(36).months if line.month == date(2031, 2, 1))
    assert sum(fact.after_minor - fact.before_minor for fact in facts) == line.closing_minor - line.opening_minor


def _dollars(n: int = 13) -> months.Revenue:
    return next(found for found in months.revenue(months=n) if found.currency == "usd")


def test_a_sandbox_that_is_ahead_has_its_months_there(clock: Any) -> None:
    customer = Customer(clock, day(6, 1))
    BillingAccount.objects.filter(organization_id=customer.id).update(ahead_seconds=40 * 86_400)
    customer.on(day(6, 10), **pays(100))
    clock.move_to(TODAY)

    assert _dollars().months[-1].month == date(2031, 7, 1)


def test_invoices_count_in_the_month_that_they_were_issued_and_paid_in(clock: Any) -> None:
    customer = Customer(clock, day(4, 1)).on(day(4, 2), **pays(1000))
    _invoice(customer.id, issued_at=day(4, 30), paid_at=day(5, 2), overage_minor=250, total_minor=1250, paid_minor=1250)
    _invoice(customer.id, status="void", paid_minor=0, paid_at=None, overage_minor=999)
    _invoice(customer.id, issued_at=day(6, 1), paid_at=day(6, 1), refunded_minor=300)
    clock.move_to(TODAY)

    april, may, june = _dollars(3).months

    assert (april.overage_minor, april.paid_minor) == (250, 0)
    assert (may.overage_minor, may.paid_minor) == (0, 1250)
    assert (june.overage_minor, june.paid_minor, june.refunded_minor) == (0, 1000, 300)


def test_a_cohort_is_who_began_in_a_month_and_each_is_counted_once(clock: Any) -> None:
    Customer(clock, day(4, 1)).on(day(4, 11), **pays(100)).on(day(5, 1), state=State.CANCELED)  # left: converted still
    Customer(clock, day(4, 2)).on(day(4, 22), **pays(100))
    Customer(clock, day(4, 3)).on(day(4, 17), state=State.READ_ONLY)
    Customer(clock, day(6, 10))
    given = Customer(clock, day(6, 11))
    given.on(day(6, 12), state=State.ACTIVE, is_comp=True)
    helped = Customer(clock, day(6, 13)).on(day(6, 20), state=State.CANCELED)  # its trial ended in a gift
    _gift(helped, State.TRIALING)
    forgotten = Customer(clock, day(6, 14)).on(day(6, 21), state=State.CANCELED)
    _gift(forgotten, State.READ_ONLY)  # and this one's gift is over
    clock.move_to(TODAY)

    found = {line.month: line for line in cohorts() if line.month.year == 2031}

    april, june = found[date(2031, 4, 1)], found[date(2031, 6, 1)]
    assert (april.started, april.converted, april.still_trying, april.lapsed) == (3, 2, 0, 1)
    assert (april.conversion, april.median_days) == (6667, 10)
    assert (june.started, june.converted, june.still_trying, june.conversion) == (3, 0, 1, 0)
    assert (june.given, june.lapsed, april.given) == (1, 1, 0)


def _gift(customer: Customer, state: str) -> None:
    version = Subscription.objects.filter(organization_id=customer.id).latest("started_at").version
    Subscription.objects.create(
        organization_id=customer.id, version=version, state=state, seats=5, is_comp=True, started_at=day(6, 20)
    )


def test_what_is_open_is_owed_by_somebody_and_what_was_given_up_is_told_apart(clock: Any) -> None:
    late = (
        Customer(clock, day(4, 1))
        .on(day(4, 2), **pays(1000))
        .on(day(5, 1), state=State.PAST_DUE, past_due_since_at=day(5, 1))
    )
    _invoice(late.id, status="open", paid_minor=400, paid_at=None, issued_at=day(5, 1), hosted_url="https://pay/1")
    _invoice(late.id, status="open", paid_minor=0, paid_at=None, issued_at=day(6, 1))
    _invoice(late.id, status="uncollectible", paid_minor=0, paid_at=None)
    _invoice(late.id)
    clock.move_to(TODAY)

    line = next(found for found in unpaid() if found.currency == "usd")
    who = next(found for found in owed() if found.organization_id == late.id)

    assert (line.invoices, line.minor, line.written_off_minor) == (2, 1600, 1000)
    assert (who.invoices, who.minor, who.oldest_at, who.state) == (2, 1600, day(5, 1), "past_due")
    assert MrrMovement.objects.filter(organization_id=late.id).count() == 1
