"""The ledger: whatever a subscription goes through, its movements lead from the opening to what a month brings now."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Sum

import tenancy
from billing import ledger
from billing.models import BillingAccount, MrrMovement, Plan, PlanVersion, Subscription
from core.clock import now
from core.ids import new_id

State = Subscription.State


@pytest.fixture
def platform(db: None) -> Iterator[None]:
    with tenancy.platform():
        yield


@pytest.fixture
def version(platform: None) -> PlanVersion:
    plan = Plan.objects.create(key="ledger_test", name="Test", rank=90)
    return PlanVersion.objects.create(plan=plan, number=1, sold_from=now())


class Customer:
    """An organization whose subscription changes as the fold would change it."""

    def __init__(self, version: PlanVersion, *, ahead: timedelta = timedelta()) -> None:
        self.id = new_id()
        BillingAccount.objects.create(organization_id=self.id, ahead_seconds=int(ahead.total_seconds()))
        self.row = Subscription.objects.create(
            organization_id=self.id, version=version, state=State.TRIALING, seats=5, trial_end_at=now()
        )

    def becomes(self, **fields: Any) -> list[tuple[str, str, int, int]]:
        """Change the subscription; return what that moved."""
        before = copy.copy(self.row)
        for name, value in fields.items():
            setattr(self.row, name, value)
        self.row.save()
        return [
            (found.kind, found.currency, found.before_minor, found.after_minor)
            for found in ledger.note(before, self.row)
        ]


def closing() -> dict[str, int]:
    rows = MrrMovement.objects.values_list("currency").annotate(all=Sum(F("after_minor") - F("before_minor")))
    return {currency: total for currency, total in rows.order_by() if total}


def live() -> dict[str, int]:
    rows = ledger.with_counted().values_list("currency").annotate(all=Sum("counted")).order_by()
    return {currency: total for currency, total in rows if total}


def test_a_customer_comes_grows_shrinks_leaves_and_is_back(version: PlanVersion) -> None:
    customer = Customer(version)

    assert customer.becomes(seats=9) == []  # a trial brings nothing
    assert customer.becomes(state=State.ACTIVE, mrr_minor=3500) == [("new", "usd", 0, 3500)]
    assert customer.becomes(mrr_minor=7000) == [("expansion", "usd", 3500, 7000)]
    assert customer.becomes(state=State.PAST_DUE) == []  # unpaid is not gone
    assert customer.becomes(mrr_minor=2800) == [("contraction", "usd", 7000, 2800)]
    assert customer.becomes(state=State.READ_ONLY) == [("churn", "usd", 2800, 0)]
    assert customer.becomes(state=State.ACTIVE) == [("reactivation", "usd", 0, 2800)]
    assert customer.becomes(state=State.CANCELED) == [("churn", "usd", 2800, 0)]
    assert ledger.balances(customer.id) == {}


def test_another_currency_is_neither_a_loss_of_a_customer_nor_a_new_one(version: PlanVersion) -> None:
    customer = Customer(version)
    customer.becomes(state=State.ACTIVE, mrr_minor=1000)

    moved = customer.becomes(currency="eur", mrr_minor=900)

    assert moved == [("expansion", "eur", 0, 900), ("contraction", "usd", 1000, 0)]


def test_what_staff_give_is_no_churn_and_paying_again_is_growth(version: PlanVersion) -> None:
    customer = Customer(version)
    customer.becomes(state=State.ACTIVE, mrr_minor=1000)

    assert customer.becomes(is_comp=True) == [("contraction", "usd", 1000, 0)]
    assert customer.becomes(is_comp=False) == [("expansion", "usd", 0, 1000)]


def test_noting_the_same_change_twice_moves_nothing(version: PlanVersion) -> None:
    customer = Customer(version)
    customer.becomes(state=State.ACTIVE, mrr_minor=1000)

    assert ledger.note(None, customer.row) == []


def test_a_movement_is_of_the_accounts_own_time(version: PlanVersion) -> None:
    customer = Customer(version, ahead=timedelta(days=40))
    customer.becomes(state=State.ACTIVE, mrr_minor=1000)

    found = MrrMovement.objects.get(organization_id=customer.id)

    assert timedelta(days=39) < found.at - now() <= timedelta(days=40)
    assert (found.plan, found.version, found.seats) == ("ledger_test", 1, 5)


def test_nothing_is_noted_outside_the_changes_transaction(db: None) -> None:
    with tenancy.platform():
        in_test, connection.in_atomic_block = connection.in_atomic_block, False
        try:
            with pytest.raises(ledger.NotedOutsideTransaction):
                ledger.note(None, None)
        finally:
            connection.in_atomic_block = in_test


def test_nobody_who_serves_alters_a_movement(version: PlanVersion) -> None:
    customer = Customer(version)
    customer.becomes(state=State.ACTIVE, mrr_minor=1000)
    mine = MrrMovement.objects.filter(organization_id=customer.id)

    for change in (lambda: mine.update(after_minor=1), mine.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


@pytest.mark.parametrize("seed", range(20))
def test_any_sequence_of_changes_closes_at_what_is_live(version: PlanVersion, seed: int) -> None:
    dice = random.Random(seed)
    customers = [Customer(version) for _ in range(4)]

    for _ in range(40):
        customer = dice.choice(customers)
        customer.becomes(
            state=dice.choice([State.TRIALING, State.ACTIVE, State.ACTIVE, State.PAST_DUE, State.READ_ONLY]),
            mrr_minor=dice.choice([0, 1, 399, 400, 123_456_789]),
            currency=dice.choice(["usd", "usd", "eur", "gbp"]),
            is_comp=dice.random() < 0.1,
        )

    assert closing() == live()
    for customer in customers:
        own = ledger.balances(customer.id)
        assert own == {
            currency: counted
            for currency, counted in [(customer.row.currency, ledger.counted_minor(customer.row))]
            if counted
        }
