"""Taking an event in: genuine, for us, once. Nothing is done with it here: Stripe waits for the answer."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import transaction

from billing import gateway
from billing.gateway import NotGenuine
from billing.models import StripeEvent
from core.errors import DomainError
from tenancy.tasks import named

_log = logging.getLogger(__name__)

_NUDGED = "billing:events-nudged"
_NUDGE_HOLDS_SECONDS = 5
_AWAY = "billing:stripe-away"


class EventNotGenuine(DomainError):
    """It was not signed with this endpoint's secret within the last minutes."""

    code = "event_not_genuine"
    title = "This was not signed for this endpoint, or too long ago."
    status = 400


class EventNotOurs(DomainError):
    """It is genuine and about something else: another account, or the other of test and live."""

    code = "event_not_ours"
    title = "This event is not about this platform."
    status = 403


def take(payload: bytes, signature: str) -> None:
    """Keep a genuine event, once; look into it soon. Platform only.

    Raises:
        EventNotGenuine, EventNotOurs: nothing of it is kept. BillingNotConfigured: there is no secret to tell by.
    """
    try:
        gateway.verified(payload, signature)
        event = _read(payload)
    except (NotGenuine, ValueError) as wrong:
        raise EventNotGenuine from wrong
    if event.get("account") or event["livemode"] is not gateway.is_live():
        _log.warning("stripe.event_not_ours", extra={"event": event["id"]})
        raise EventNotOurs
    keep([event], came_by="webhook")
    nudge_on_commit()


def keep(events: list[dict[str, Any]], *, came_by: str) -> int:
    """Write events that are not there yet; return how many were new. Platform only."""
    rows = [_row(event, came_by) for event in events]
    known = set()
    if came_by != "webhook":
        known = set(StripeEvent.objects.filter(id__in=[row.id for row in rows]).values_list("id", flat=True))
    StripeEvent.objects.bulk_create(rows, ignore_conflicts=True)
    return len({row.id for row in rows} - known)


def nudge() -> None:
    """Ask a worker to look into what came. One is asked at a time: it takes whatever is there when it begins."""
    if cache.get(_AWAY) is None and cache.add(_NUDGED, 1, _NUDGE_HOLDS_SECONDS):
        named("billing.tasks.look_into_events").delay()


def nudge_on_commit() -> None:
    """Nudge when the open transaction commits, at once where none is open."""
    transaction.on_commit(nudge, robust=True)


def heard() -> None:
    """Let the next event nudge again: what it is about may come after this look."""
    cache.delete(_NUDGED)


def hush(pause: timedelta) -> None:
    """Let no event nudge for a while: Stripe is away, and every worker that asks it is one less for mails."""
    cache.set(_AWAY, 1, pause.total_seconds())


def answered() -> None:
    """Let events nudge at once again: Stripe is there."""
    cache.delete(_AWAY)


def _read(payload: bytes) -> dict[str, Any]:
    event = json.loads(payload)
    if not isinstance(event, dict) or not isinstance(event.get("livemode"), bool):
        raise ValueError("not an event")
    if not isinstance(event.get("data", {}).get("object"), dict):
        raise ValueError("an event without an object")
    _row(event, "webhook")  # whatever it lacks, it is refused for, not answered with 500
    return event


def _row(event: dict[str, Any], came_by: str) -> StripeEvent:
    about = event["data"]["object"]
    try:
        return StripeEvent(
            id=event["id"][:64],
            type=event["type"][:96],
            account=(event.get("account") or "")[:64],
            livemode=event["livemode"],
            object_id=str(about.get("id") or "")[:96],
            customer=customer_of(about)[:64],
            payload=event,
            came_by=came_by,
            created_at=datetime.fromtimestamp(event["created"], UTC),
        )
    except (KeyError, TypeError, OverflowError, OSError) as wrong:
        raise ValueError("not an event") from wrong


def customer_of(about: dict[str, Any]) -> str:
    """Return the id of the customer that an object of Stripe's is about; empty where it is about none."""
    if about.get("object") == "customer":
        return str(about.get("id") or "")
    found = about.get("customer")
    return str(found.get("id") or "") if isinstance(found, dict) else str(found or "")
