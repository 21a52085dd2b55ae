"""What owners see of what they buy, and what nobody else does."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

import tenancy
from billing.models import BillingAccount, Invoice
from core.clock import now

URL = "/api/v1/billing/"


def _invoice(organization: tenancy.TenantRecord, stripe_id: str, **fields: Any) -> None:
    with tenancy.platform():
        Invoice.objects.create(
            **{
                "stripe_id": stripe_id,
                "organization_id": organization.id,
                "status": "paid",
                "currency": "eur",
                "subtotal_minor": 1000,
                "tax_minor": 210,
                "total_minor": 1210,
                "paid_minor": 1210,
                "issued_at": now(),
                **fields,
            }
        )


def test_owners_see_what_they_have_and_nobody_else_does(olga: Any, alice: Any, leo: Any) -> None:
    answer = olga.client().get(URL)

    assert answer.status_code == 200
    assert set(answer.json()) == {
        "is_configured",
        "subscription",
        "account",
        "payment_method",
        "plans",
        "entitlements",
    }
    assert [person.client().get(URL).status_code for person in (alice, leo)] == [403, 403]
    assert Client(headers={"host": olga.organization.host}).get(URL).status_code == 401


def test_details_are_kept_as_they_were_meant(olga: Any) -> None:
    changed = olga.client().patch(
        URL,
        {
            "legal_name": "Acme GmbH",
            "contacts": ["Books@acme.example", "books@acme.example"],
            "country": "DE",
            "address": {"line1": "Hafenstraße 1", "city": "Hamburg", "postal_code": "20457"},
            "po_number": "PO-7",
        },
        content_type="application/json",
    )

    assert changed.status_code == 200, changed.content
    account = changed.json()["account"]
    assert account["legal_name"] == "Acme GmbH"
    assert account["contacts"] == ["books@acme.example"]
    assert account["address"] == {
        "line1": "Hafenstraße 1",
        "line2": "",
        "city": "Hamburg",
        "postal_code": "20457",
        "state": "",
    }
    with tenancy.platform():
        assert BillingAccount.objects.get(organization_id=olga.organization.id).po_number == "PO-7"


@pytest.mark.parametrize(
    "wrong",
    [{"country": "Germany"}, {"contacts": ["nobody"]}, {"vat_id": "DE<script>"}, {"collection": "barter"}],
)
def test_details_that_cannot_be_are_refused(olga: Any, wrong: dict[str, Any]) -> None:
    assert olga.client().patch(URL, wrong, content_type="application/json").status_code == 422


def test_invoices_are_newest_first_without_drafts_and_ones_own(olga: Any, mallory: Any) -> None:
    _invoice(olga.organization, "in_1")
    _invoice(olga.organization, "in_2", reverse_charge=True)
    _invoice(olga.organization, "in_3", status="draft")
    _invoice(mallory.organization, "in_4")

    items = olga.client().get("/api/v1/invoices/").json()["items"]

    assert [item["stripe_id"] for item in items] == ["in_2", "in_1"]
    assert items[0]["reverse_charge"] is True
    assert items[0]["total_minor"] == items[0]["subtotal_minor"] + items[0]["tax_minor"]


def test_the_price_list_is_open_to_everybody(db: None, settings: Any) -> None:
    answer = Client(headers={"host": settings.SITE_HOST}).get("/api/v1/plans/")

    assert answer.status_code == 200
    ranks = [plan["rank"] for plan in answer.json()["items"]]
    assert ranks == sorted(ranks)
