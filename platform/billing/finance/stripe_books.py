"""What Stripe's own objects come to, each read and computed anew: the other side of the comparison."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import Any

from billing import gateway
from billing.finance.months import begin, months_before
from billing.finance.reconciliation import StripeBooks, StripeInvoice, StripeSubscription
from billing.ledger import COUNTED
from billing.models import BillingAccount
from billing.stripe_setup import CHECK
from billing.subscriptions.fold import UnknownPrice, fold, is_born, when
from billing.subscriptions.products import Sold, sold_as
from core.clock import now

# Invoices of the present month and so many before it are compared.
MONTHS_BACK = 3
_ENDED = "canceled"


def why_not() -> str:
    """Return why Stripe cannot be asked; empty where it can."""
    return "" if gateway.is_configured() else "No keys of Stripe are set: only our own rows were compared."


def read() -> StripeBooks:
    """Read every subscription that is not over, and the invoices of the last months. No transaction may be open.

    Raises:
        BillingUnavailable, ProviderRefused: see :mod:`billing.gateway`.
    """
    read_at = now()
    since = begin(months_before(read_at.date().replace(day=1), MONTHS_BACK))
    invoices = {found["id"]: found for found in gateway.invoices_since(since)}
    of_customer: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for found in ({found["id"]: found for found in gateway.invoices_unpaid()} | invoices).values():
        of_customer[_id(found["customer"])].append(found)
    prices, ahead = sold_as(), _ahead()
    return StripeBooks(
        subscriptions=[
            _subscription(found, of_customer[_id(found["customer"])], ahead, prices)
            for found in gateway.all_subscriptions()
            if is_born(found) and found["status"] != _ENDED
        ],
        # A draft is nobody's debt yet: it may still change, or go.
        invoices=[
            _invoice(found)
            for found in invoices.values()
            if found["status"] not in (None, "draft") and not _is_of_a_check(found)
        ],
        since=since,
        read_at=read_at,
    )


def _ahead() -> dict[str, timedelta]:
    """Return how far the clocks of a sandbox's customers are ahead of ours."""
    rows = BillingAccount.objects.exclude(stripe_customer=None).exclude(ahead_seconds=0)
    return {str(row.stripe_customer): timedelta(seconds=row.ahead_seconds) for row in rows}


def _subscription(
    found: dict[str, Any], invoices: list[dict[str, Any]], ahead: dict[str, timedelta], prices: dict[str, Sold]
) -> StripeSubscription:
    customer = _id(found["customer"])
    try:
        fields = fold(found, invoices, now() + ahead.get(customer, timedelta()), prices)
        counted = fields["mrr_minor"] if fields["state"] in COUNTED else 0
    except UnknownPrice:
        # Somebody made it by hand: what it charges for one period is told, and that it is not ours.
        counted = sum((item["price"].get("unit_amount") or 0) * (item.get("quantity") or 0) for item in _items(found))
    ends = bool(found.get("cancel_at") or found.get("cancel_at_period_end"))
    return StripeSubscription(found["id"], customer, found["currency"], counted, ends)


def _invoice(found: dict[str, Any]) -> StripeInvoice:
    return StripeInvoice(
        stripe_id=found["id"],
        customer=_id(found["customer"]),
        currency=found["currency"],
        status=found["status"],
        total_minor=found["total"],
        paid_minor=found["amount_paid"],
        paid_at=when((found.get("status_transitions") or {}).get("paid_at")),
    )


def _is_of_a_check(invoice: dict[str, Any]) -> bool:
    """Return whether ``check_stripe`` has bought it: in a sandbox only, for nothing, of a customer that is deleted."""
    details = (invoice.get("parent") or {}).get("subscription_details") or {}
    return not gateway.is_live() and CHECK.items() <= (details.get("metadata") or {}).items()


def _items(subscription: dict[str, Any]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = subscription["items"]["data"]
    return items


def _id(found: Any) -> str:
    return str(found["id"] if isinstance(found, dict) else found)
