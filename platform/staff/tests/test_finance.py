"""The finance page: figures of the ledger, the facts behind them, and the books compared."""

from __future__ import annotations

import copy
import csv
import io
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

import tenancy
from billing import ledger
from billing.finance import reconciliation
from billing.models import Invoice, Subscription
from core.clock import now
from staff.models import PlatformAuditEntry
from staff.testing import browser
from staff.tests.conftest import send


@pytest.fixture
def finance(db: None) -> Client:
    return browser("finance")


@pytest.fixture
def paying(db: None, world: Any) -> UUID:
    """acme pays 70.00 a month."""
    organization_id: UUID = world.organizations["acme"].id
    _becomes(organization_id, state="active", mrr_minor=7000)
    return organization_id


def _becomes(organization_id: UUID, *, booked: bool = True, **fields: Any) -> None:
    with tenancy.platform():
        row = Subscription.objects.get(organization_id=organization_id)
        before = copy.copy(row)
        for name, value in fields.items():
            setattr(row, name, value)
        row.save()
        if booked:
            ledger.note(before, row)


def _lines(answer: Any) -> list[dict[str, str]]:
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))


def test_figures_facts_and_files_say_the_same(paying: UUID, finance: Client) -> None:
    month = now().strftime("%Y-%m")

    page = send(finance, "GET", "finance/?months=2").json()
    facts = send(finance, "GET", f"mrr-movements/?month={month}&currency=usd&kind=new").json()["items"]
    months = _lines(send(finance, "GET", "finance-months.csv/?months=2"))
    movements = _lines(send(finance, "GET", f"mrr-movements.csv/?month={month}"))

    (dollar,) = page["currencies"]
    assert (dollar["currency"], dollar["mrr_minor"], dollar["customers"], len(dollar["months"])) == ("usd", 7000, 1, 2)
    assert (dollar["months"][1]["opening_minor"], dollar["months"][1]["new_minor"]) == (0, 7000)
    assert [(fact["organization_name"], fact["after_minor"], fact["kind"]) for fact in facts] == [
        ("Acme Academy", 7000, "new")
    ]
    assert [(line["month"], line["closing_minor"]) for line in months][1] == (month, "7000")
    assert [(line["organization"], line["before_minor"], line["after_minor"]) for line in movements] == [
        ("Acme Academy", "0", "7000")
    ]
    with tenancy.platform():
        exported = PlatformAuditEntry.objects.filter(action="books.exported").values_list("object_type", flat=True)
        assert sorted(exported) == ["months", "movements"]


def test_who_owes_is_listed_by_name(paying: UUID, finance: Client) -> None:
    _becomes(paying, state="past_due", past_due_since_at=now())
    with tenancy.platform():
        Invoice.objects.create(
            stripe_id="in_owed", organization_id=paying, status="open", currency="usd", subtotal_minor=7000,
            tax_minor=0, total_minor=7000, paid_minor=0, issued_at=now(), hosted_url="https://pay.example/1",
        )  # fmt: skip

    page = send(finance, "GET", "finance/").json()

    assert page["unpaid"] == [{"currency": "usd", "invoices": 1, "minor": 7000, "written_off_minor": 0}]
    (line,) = page["owed"]
    assert (line["organization_name"], line["minor"], line["state"]) == ("Acme Academy", 7000, "past_due")


def test_cohorts_tell_who_tried_and_who_stayed(paying: UUID, finance: Client) -> None:
    began = sum(line["started"] for line in send(finance, "GET", "finance/").json()["cohorts"])
    converted = sum(line["converted"] for line in send(finance, "GET", "finance/").json()["cohorts"])

    with tenancy.platform():
        trials = Subscription.objects.filter(trial_end_at__isnull=False, is_comp=False)
        assert began == trials.values("organization_id").distinct().count() >= 2
    assert converted == 1


def test_the_books_are_compared_when_somebody_asks_and_differences_are_taken_along(finance: Client, world: Any) -> None:
    acme = world.organizations["acme"].id
    _becomes(acme, booked=False, state="active", mrr_minor=7000)

    asked = send(finance, "POST", "reconciliations/")
    again = send(finance, "POST", "reconciliations/")
    assert (asked.status_code, asked.json()["state"]) == (202, "asked")
    assert again.json()["id"] == asked.json()["id"]
    with tenancy.platform():
        assert reconciliation.run(_nobody, why_without="No keys are set.") is not None

    found = send(finance, "GET", f"reconciliations/{asked.json()['id']}/").json()
    assert (found["state"], found["with_stripe"], found["note"]) == ("done", False, "No keys are set.")
    assert found["mrr"] == [{"currency": "usd", "ledger": 0, "rows": 7000, "stripe": None}]
    (line,) = found["items"]
    assert (line["kind"], line["organization_name"], line["rows_minor"]) == ("ledger", "Acme Academy", 7000)
    assert send(finance, "GET", "reconciliations/").json()["items"][0]["differences"] == 1
    assert send(finance, "GET", "finance/").json()["reconciliation"]["id"] == asked.json()["id"]
    (row,) = _lines(send(finance, "GET", f"reconciliations/{asked.json()['id']}/differences.csv/"))
    assert (row["organization"], row["rows_minor"], row["ledger_minor"]) == ("Acme Academy", "7000", "0")


def test_the_books_are_of_finance_and_operations(db: None, paying: UUID) -> None:
    for path in ("finance/", "mrr-movements/", "reconciliations/", "finance-months.csv/", "mrr-movements.csv/"):
        assert send(browser("support"), "GET", path).status_code == 403, path
        assert send(browser("operations"), "GET", path).status_code == 200, path
    assert send(browser("operations"), "POST", "reconciliations/").status_code == 403


def test_a_month_that_is_none_is_refused(finance: Client) -> None:
    assert send(finance, "GET", "mrr-movements/?month=2026-13").status_code == 422
    assert send(finance, "GET", "finance/?months=99").status_code == 422


def _nobody() -> Any:
    raise AssertionError("Stripe is not asked without keys")
