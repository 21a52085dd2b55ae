"""HTTP of what an organization buys, for its owners. The rows are the platform's: each view leaves the organization.

Everything stays open while the organization is read-only: paying is the way out of that. While it waits to be deleted,
what is owed and how to leave stay open; nothing can be bought.
"""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

import tenancy
from billing.models import Invoice
from billing.policies import MANAGE_BILLING, VIEW_BILLING
from billing.rest import serializers as shapes
from billing.subscriptions import details, shown
from core.clock import iso
from core.http.pagination import cursor_page
from core.http.request import Request
from core.http.views import APIView
from tenants.api import PENDING_DELETION


class BillingAPIView(APIView):
    """A view of an organization's owners."""

    open_when: ClassVar[frozenset[str]] = frozenset({"read_only"})


class StaysOpen(BillingAPIView):
    """A view that owners need to the end: what they have, what they owe, and that it ends."""

    open_when: ClassVar[frozenset[str]] = BillingAPIView.open_when | {PENDING_DELETION}


class BillingView(StaysOpen):
    """What the organization has, what it could have, and who pays."""

    permissions = {"GET": VIEW_BILLING, "PATCH": MANAGE_BILLING}

    @extend_schema(operation_id="billing_read", responses=shapes.BillingOut)
    def get(self, request: Request) -> Response:
        """Return subscription, account, plans to choose from and what the plan brings."""
        organization_id = tenancy.current().id
        with tenancy.platform():
            return Response(shown.billing_out(organization_id))

    @extend_schema(operation_id="billing_details_change", request=shapes.BillingAccountIn, responses=shapes.BillingOut)
    def patch(self, request: Request) -> Response:
        """Change who pays, and how; it is on the next invoice."""
        body = shapes.BillingAccountIn(data=request.data)
        body.is_valid(raise_exception=True)
        actor, organization_id = request.actor, tenancy.current().id
        with tenancy.platform():
            details.change(organization_id, body.validated_data, email=actor.email or "", by=actor.member_id)
            return Response(shown.billing_out(organization_id))


class Invoices(StaysOpen):
    """The organization's invoices."""

    permissions = {"GET": VIEW_BILLING}

    @extend_schema(operation_id="invoices_list", responses=shapes.InvoicesOut)
    def get(self, request: Request) -> Response:
        """Return invoices, newest first; drafts are not shown."""
        organization_id = tenancy.current().id
        with tenancy.platform():
            rows = Invoice.objects.filter(organization_id=organization_id).exclude(status="draft")
            return cursor_page(
                request,
                rows,
                order=("-issued_at", "-stripe_id"),
                serialize=lambda found: [invoice_out(row) for row in found],
            )


def invoice_out(row: Invoice) -> dict[str, Any]:
    """Return an invoice as :class:`shapes.InvoiceOut` describes it."""
    same = ("stripe_id", "number", "status", "currency", "subtotal_minor", "tax_minor", "total_minor", "paid_minor")
    times = ("due_at", "paid_at", "period_start", "period_end")
    return {
        **{name: getattr(row, name) for name in (*same, "refunded_minor", "reverse_charge", "hosted_url", "pdf_url")},
        "issued_at": iso(row.issued_at),
        **{name: iso(at) if (at := getattr(row, name)) else None for name in times},
    }
