"""What Stripe told us, for whoever has to look: how soon it was looked into, what failed, and what it held."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet

from billing.inbox import intake, looking
from billing.models import StripeEvent
from billing.selectors import customers_of, whose
from core.clock import now
from core.errors import NotFound

State = StripeEvent.State
_LOOKED_AT = 200
HIDDEN = "•••"
# Who somebody is and where: nobody needs it to see why an event failed.
_PERSONAL = frozenset(
    {
        "email", "name", "phone", "address", "shipping", "billing_details", "receipt_email", "customer_email",
        "customer_name", "customer_phone", "customer_address", "customer_shipping", "customer_details",
        "customer_tax_ids", "individual_name", "business_name", "verified_name", "verified_address", "ip",
        "custom_fields", "last4", "fingerprint", "iin", "description",
    }
)  # fmt: skip
# Links that open a person's invoice or checkout to whoever has them.
_LINKS = frozenset({"hosted_invoice_url", "invoice_pdf", "receipt_url", "url", "client_secret"})


@dataclass(frozen=True, slots=True)
class Inbox:
    """The inbox at a glance. Lags are seconds from arrival to the look, of the latest two hundred."""

    states: dict[str, int]
    received_24h: int
    newest_at: datetime | None
    oldest_waiting_at: datetime | None
    median_lag: float | None
    worst_lag: float | None


def inbox() -> Inbox:
    """Return how the inbox stands."""
    at = now()
    rows = StripeEvent.objects.values("state").annotate(n=Count("id")).order_by()
    counted = {row["state"]: row["n"] for row in rows}
    waiting = StripeEvent.objects.filter(state=State.NEW).aggregate(oldest=Min("received_at"))["oldest"]
    looked = StripeEvent.objects.filter(done_at__isnull=False).order_by("-received_at")[:_LOOKED_AT]
    lags = sorted(((row.done_at or at) - row.received_at).total_seconds() for row in looked.defer("payload"))
    return Inbox(
        states={state: counted.get(state, 0) for state in State.values},
        received_24h=StripeEvent.objects.filter(received_at__gte=at - timedelta(days=1)).count(),
        newest_at=StripeEvent.objects.order_by("-received_at").values_list("received_at", flat=True).first(),
        oldest_waiting_at=waiting,
        median_lag=lags[(len(lags) - 1) // 2] if lags else None,
        worst_lag=lags[-1] if lags else None,
    )


def events(*, state: str = "", words: str = "", organization_id: UUID | None = None) -> QuerySet[StripeEvent]:
    """Return events without what they held. ``words`` begins a type, or is the id of an event, object or customer."""
    rows = StripeEvent.objects.defer("payload")
    if state:
        rows = rows.filter(state=state)
    if organization_id is not None:
        rows = rows.filter(customer__in=customers_of(organization_id))
    if words:
        rows = rows.filter(Q(type__startswith=words) | Q(id=words) | Q(object_id=words) | Q(customer=words))
    return rows


def organizations_of(rows: Iterable[StripeEvent]) -> dict[str, UUID]:
    """Return whose customers the events are about: customer -> organization."""
    return whose(row.customer for row in rows)


def event(event_id: str) -> tuple[StripeEvent, Any]:
    """Return an event and what it held, without who people are; None where that was erased.

    Raises:
        NotFound: there is none.
    """
    row = StripeEvent.objects.filter(id=event_id).first()
    if row is None:
        raise NotFound
    return row, redacted(row.payload)


def retry(event_id: str) -> StripeEvent:
    """Let a parked event be looked into again, with all its tries before it.

    Raises:
        NotFound: no parked event has this id.
    """
    if not looking.retry(event_id):
        raise NotFound
    intake.nudge_on_commit()
    return StripeEvent.objects.defer("payload").get(id=event_id)


def redacted(found: Any) -> Any:
    """Return what an event held without who people are and without links that open something of theirs."""
    if isinstance(found, dict):
        return {
            key: HIDDEN if value and (key in _PERSONAL or key in _LINKS) else redacted(value)
            for key, value in found.items()
        }
    return [redacted(one) for one in found] if isinstance(found, list) else found
