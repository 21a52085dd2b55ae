"""Billing in an organization's archive: facts to read. A restore never touches what was sold or paid."""

from __future__ import annotations

from billing.models import (
    BillingAccount,
    Invoice,
    MrrMovement,
    Override,
    Quota,
    Reservation,
    StripeIntent,
    Subscription,
    UsageAlert,
    UsageDay,
    UsageEvent,
)
from tenants.dto import Archived, SharedTable

ARCHIVED = Archived(
    tables=(
        SharedTable(BillingAccount, "Which plan the organization was on. To read only."),
        SharedTable(Subscription, "What was bought, from when to when. To read only."),
        SharedTable(Invoice, "What was charged and paid. To read only."),
        SharedTable(Override, "What was granted beside the plan, until when and why. To read only."),
        SharedTable(StripeIntent, "What was asked of the payment provider. To read only."),
        SharedTable(UsageEvent, "What was used, at which moment. To read only."),
        SharedTable(UsageDay, "What was used, by day and course. To read only."),
        SharedTable(UsageAlert, "When owners were told how much is in use. To read only."),
        SharedTable(Quota, "How much of each meter was in use, and how much might be used. To read only."),
        SharedTable(Reservation, "Amounts held for work under way, and what became of them. To read only."),
    ),
    not_archived={
        MrrMovement._meta.db_table: "the platform's books of what it earns; the organization's invoices are here",
    },
)
