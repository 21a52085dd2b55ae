"""Billing in an organization's archive: facts to read. A restore never touches what was sold or paid."""

from __future__ import annotations

from billing.models import BillingAccount, Quota, Reservation
from tenants.dto import Archived, SharedTable

ARCHIVED = Archived(
    tables=(
        SharedTable(BillingAccount, "Which plan the organization was on. To read only."),
        SharedTable(Quota, "How much of each meter was in use, and how much might be used. To read only."),
        SharedTable(Reservation, "Amounts held for work under way, and what became of them. To read only."),
    )
)
