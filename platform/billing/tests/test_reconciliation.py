"""The books agree, or say where they do not and what to do."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

import tenancy
from billing import ledger
from billing.finance import reconciliation
from billing.finance.reconciliation import StripeBooks, StripeInvoice, StripeSubscription
from billing.models import BillingAccount, Invoice, Reconciliation, Subscription
from billing.offers import newest_of
from core.clock import now
from core.errors import DomainError
from core.ids import new_id

State = Subscription.State
AN_HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def platform(db: None) -> Iterator[None]:
    with tenancy.platform():
        yield


def _paying(minor: int, *, customer: str, booked: bool = True) -> Subscription:
    account = BillingAccount.objects.create(organization_id=new_id(), stripe_customer=customer)
    row = Subscription.objects.create(
        organization_id=account.organization_id,
        version=newest_of("team"),
        state=State.ACTIVE,
        seats=10,
        stripe_id=f"sub_{customer}",
        mrr_minor=minor,
        folded_at=now() - AN_HOUR,
    )
    if booked:
        ledger.note(None, row)
    return row


def _invoiced(organization_id: UUID, stripe_id: str, paid: int) -> Invoice:
    return Invoice.objects.create(
        stripe_id=stripe_id, organization_id=organization_id, status="paid", currency="usd", subtotal_minor=paid,
        tax_minor=0, total_minor=paid, paid_minor=paid, issued_at=now(), paid_at=now(), folded_at=now() - AN_HOUR,
    )  # fmt: skip


def _books(
    subscriptions: list[tuple[str, str, int]], invoices: list[tuple[str, str, int]] | None = None
) -> StripeBooks:
    return StripeBooks(
        subscriptions=[StripeSubscription(ident, customer, "usd", minor) for ident, customer, minor in subscriptions],
        invoices=[
            StripeInvoice(ident, customer, "usd", "paid", minor, minor, now())
            for ident, customer, minor in invoices or []
        ],
        since=now() - 240 * AN_HOUR,
        read_at=now(),
    )


def reconcile(*, books: StripeBooks | None, why_without: str = "") -> Reconciliation:
    """Ask for a comparison and let it be made."""
    asked = reconciliation.ask()

    def read() -> StripeBooks:
        assert books is not None
        return books

    made = reconciliation.run(read, why_without=why_without or ("" if books else "No keys are set."))
    assert made is not None
    assert (made.id, made.state) == (asked.id, "done")
    return made


def _found(made: Reconciliation) -> list[tuple[str, str, Any, Any, Any]]:
    return [
        (one["kind"], one["reference"], one["ledger_minor"], one["rows_minor"], one["stripe_minor"])
        for one in made.differences
    ]


def test_books_that_agree_have_equal_sums_and_no_differences() -> None:
    one, other = _paying(7000, customer="cus_one"), _paying(500, customer="cus_two")
    _invoiced(one.organization_id, "in_one", 7000)

    made = reconcile(
        books=_books([("sub_cus_one", "cus_one", 7000), ("sub_cus_two", "cus_two", 500)], [("in_one", "cus_one", 7000)])
    )

    assert _found(made) == []
    assert made.with_stripe
    assert made.totals["mrr"] == [{"currency": "usd", "ledger": 7500, "rows": 7500, "stripe": 7500}]
    assert [(line["rows"], line["stripe"]) for line in made.totals["paid"]] == [(7000, 7000)]
    assert other.organization_id


def test_a_change_that_was_not_booked_is_found_and_noting_it_makes_it_good() -> None:
    row = _paying(7000, customer="cus_one", booked=False)

    made = reconcile(books=None, why_without="No keys are set.")

    assert _found(made) == [("ledger", "", 0, 7000, None)]
    assert made.differences[0]["organization_id"] == str(row.organization_id)
    assert "Read again" in made.differences[0]["todo"]
    assert (made.with_stripe, made.note) == (False, "No keys are set.")
    ledger.note(copy.copy(row), row)
    assert _found(reconcile(books=None)) == []


def test_whatever_stripe_says_otherwise_is_listed_by_organization() -> None:
    wrong, gone = _paying(7000, customer="cus_wrong"), _paying(500, customer="cus_gone")
    _invoiced(wrong.organization_id, "in_half", 7000)
    _invoiced(gone.organization_id, "in_lost", 500)

    made = reconcile(
        books=_books(
            [("sub_cus_wrong", "cus_wrong", 6999), ("sub_new", "cus_wrong", 1), ("sub_odd", "cus_nobody", 2)],
            [("in_half", "cus_wrong", 3500), ("in_new", "cus_gone", 100)],
        )
    )

    assert _found(made) == [
        ("subscription", "sub_cus_wrong", None, 7000, 6999),
        ("subscription_unknown", "sub_new", None, None, 1),
        ("subscription_unknown", "sub_odd", None, None, 2),
        ("subscription_gone", "sub_cus_gone", None, 500, None),
        ("invoice", "in_half", None, 7000, 3500),
        ("invoice_unknown", "in_new", None, None, 100),
        ("invoice_gone", "in_lost", None, 500, None),
    ]
    assert [one["organization_id"] for one in made.differences] == [
        str(wrong.organization_id), str(wrong.organization_id), None, str(gone.organization_id),
        str(wrong.organization_id), str(gone.organization_id), str(gone.organization_id),
    ]  # fmt: skip
    assert all(one["words"] and one["todo"] for one in made.differences)


def test_what_changed_while_stripe_was_read_is_left_to_the_next_time() -> None:
    row = _paying(7000, customer="cus_one")
    books = _books([("sub_cus_one", "cus_one", 3500)])
    Subscription.objects.filter(id=row.id).update(folded_at=now())

    assert _found(reconcile(books=books)) == []


def test_unpaid_for_too_long_counts_nothing_on_any_side() -> None:
    row = _paying(7000, customer="cus_one")
    before = copy.copy(row)
    row.state = State.READ_ONLY
    row.save()
    ledger.note(before, row)

    made = reconcile(books=_books([("sub_cus_one", "cus_one", 0)]))

    assert _found(made) == []
    assert made.totals["mrr"] == [{"currency": "usd", "ledger": 0, "rows": 0, "stripe": 0}]


def test_one_is_made_a_day_and_whoever_asks_gets_theirs_at_once() -> None:
    Reconciliation.objects.all().delete()
    assert reconciliation.is_due()
    first = reconciliation.run(_never, why_without="No keys are set.")
    assert first is not None
    assert (reconciliation.is_due(), reconciliation.run(_never, why_without="No keys are set.")) == (False, None)

    asked = reconciliation.ask()

    assert reconciliation.is_due()
    assert reconciliation.ask().id == asked.id  # a second press finds the first
    made = reconciliation.run(_never, why_without="No keys are set.")
    assert made is not None
    assert made.id == asked.id
    Reconciliation.objects.update(at=now() - 25 * AN_HOUR)
    assert reconciliation.is_due()


def test_where_stripe_does_not_answer_our_own_books_are_compared_all_the_same() -> None:
    _paying(7000, customer="cus_one", booked=False)
    reconciliation.ask()

    def silent() -> StripeBooks:
        raise NoAnswer

    made = reconciliation.run(silent)

    assert made is not None
    assert (made.state, made.with_stripe, made.note) == ("done", False, "It does not answer")
    assert [one["kind"] for one in made.differences] == ["ledger"]


def test_one_that_a_worker_lost_is_made_again() -> None:
    lost = reconciliation.ask()
    Reconciliation.objects.filter(id=lost.id).update(state="running", at=now() - AN_HOUR)

    assert reconciliation.is_due()
    made = reconciliation.run(_never, why_without="No keys are set.")

    assert made is not None
    assert (made.id, made.state) == (lost.id, "done")


class NoAnswer(DomainError):
    """Nobody is there."""

    code = "no_answer"
    title = "It does not answer"
    status = 503


def _never() -> StripeBooks:
    raise AssertionError("Stripe is not asked without keys")
