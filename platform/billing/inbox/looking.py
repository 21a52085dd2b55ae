"""Looking into what came: an event only says whom to look at again. One look answers all events about a customer.

Rows are leased, not locked: Stripe is asked in no transaction. A look that dies is made again when its lease ends.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import F
from django.db.models.functions import Greatest

from billing import gateway
from billing.errors import BillingNotConfigured, BillingUnavailable
from billing.inbox.clocks import follow
from billing.inbox.intake import answered, customer_of, hush
from billing.models import StripeEvent
from billing.selectors import whose
from billing.subscriptions import refreshing
from core.clock import now
from core.errors import DomainError
from core.telemetry import metrics
from core.telemetry.redaction import clean_text

_log = logging.getLogger(__name__)

State = StripeEvent.State

MAX_ATTEMPTS = 12
MAX_PAUSE = timedelta(hours=1)
# So long is nobody asked after Stripe was not reached.
AWAY = timedelta(seconds=60)
# So long at most is not asked again about whom it did not answer about, while it answers about others.
AWAY_AT_MOST = timedelta(minutes=15)
KEPT_FOR = timedelta(days=90)
_LEASE = timedelta(seconds=90)
_BATCH = 50
_ROUNDS = 40

# Whatever is about a customer and is not listed says something of what they buy, owe or pay with.
_SAYS_NOTHING = ("product.", "price.", "plan.", "billing.meter", "payout.", "balance.", "billing_portal.", "account.")
_ABOUT_CLOCKS = "test_helpers.test_clock."


def look() -> int:
    """Look into everything that is due; return how many events that settled. Safe to run many times at once.

    No transaction may be open. Platform only.
    """
    if not gateway.is_configured():
        return 0
    settled = 0
    for _ in range(_ROUNDS):
        claimed = _claim()
        if not claimed:
            break
        groups = _by_customer(claimed)
        for number, group in enumerate(groups):
            try:
                settled += _look_at(group)
            except (BillingNotConfigured, BillingUnavailable) as failed:
                # It will hardly answer about the next one: every try would hold this worker for half a minute.
                _wait(group, [event for left in groups[number + 1 :] for event in left], failed)
                return settled
    if settled:
        answered()
    return settled


def is_due() -> bool:
    """Return whether something waits to be looked into."""
    return StripeEvent.objects.filter(state=State.NEW, run_at__lte=now()).exists()


def retry(event_id: str) -> bool:
    """Let a parked event be looked into again, with all its tries before it; return whether it was parked."""
    rows = StripeEvent.objects.filter(id=event_id, state=State.PARKED)
    return bool(rows.update(state=State.NEW, attempts=0, run_at=now(), error=""))


def forget_payloads() -> int:
    """Erase what events held that are old enough; what they were stays. Return how many."""
    return StripeEvent.objects.filter(received_at__lt=now() - KEPT_FOR).exclude(payload=None).update(payload=None)


def _claim() -> list[StripeEvent]:
    moment = now()
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"now": moment, "until": moment + _LEASE, "most": _BATCH})
        ids = [row[0] for row in cursor.fetchall()]
    return list(StripeEvent.objects.filter(id__in=ids).defer("payload"))


def _by_customer(events: list[StripeEvent]) -> list[list[StripeEvent]]:
    groups: dict[str, list[StripeEvent]] = {}
    for event in events:
        groups.setdefault(event.customer or event.id, []).append(event)
    return list(groups.values())


def _look_at(events: list[StripeEvent]) -> int:
    try:
        state = _settle(events[0], [event.type for event in events])
    except (BillingNotConfigured, BillingUnavailable):
        raise
    except Exception as failed:  # noqa: BLE001 - whatever goes wrong is kept beside the event and tried again
        _log.exception("stripe.event_failed", extra={"events": [event.id for event in events]})
        for event in events:
            _failed(event, failed)
        return 0
    ids = [event.id for event in events]
    for event in events:
        lag = max(0.0, (now() - event.received_at).total_seconds())
        metrics.WEBHOOK_SECONDS.observe(lag)
        _log.info("stripe.event_settled", extra={"type": event.type, "lag_ms": round(lag * 1000)})
    return StripeEvent.objects.filter(id__in=ids, state=State.NEW).update(state=state, done_at=now(), error="")


def _settle(event: StripeEvent, types: list[str]) -> str:
    if event.type.startswith(_ABOUT_CLOCKS):
        follow(event.object_id)
        return State.DONE
    customer = event.customer or _charged(event)
    if not customer or all(kind.startswith(_SAYS_NOTHING) for kind in types):
        return State.IGNORED
    organization_id = whose([customer]).get(customer)
    if organization_id is None:
        return State.IGNORED  # of a customer that is none of ours
    refreshing.refresh(organization_id)
    return State.DONE


def _charged(event: StripeEvent) -> str:
    """Return whose charge a dispute is about: the dispute itself names the charge alone."""
    if not event.type.startswith("charge.dispute."):
        return ""
    about = ((event.payload or {}).get("data") or {}).get("object") or {}
    charge = about.get("charge") or ""
    return customer_of(gateway.charge(charge if isinstance(charge, str) else charge["id"])) if charge else ""


def _wait(asked: list[StripeEvent], behind: list[StripeEvent], failed: DomainError) -> None:
    """Give back what was taken, and let nobody be asked for a while: while Stripe is away nothing is wrong with events.

    A try that did not reach it is none: the first real failure afterwards must not be the last. Whom it was ``asked``
    about may be the only one whom it cannot answer about: they come after all who were ``behind`` them.
    """
    _log.warning("stripe.events_wait", extra={"count": len(asked) + len(behind), "why": failed.code})
    moment = now()
    for events, rest in ((asked, _rest(asked, moment)), (behind, AWAY)):
        StripeEvent.objects.filter(id__in=[event.id for event in events], state=State.NEW).update(
            attempts=Greatest(F("attempts") - 1, 0), run_at=moment + rest, error=type(failed).__name__
        )
    hush(AWAY)


def _rest(events: list[StripeEvent], at: datetime) -> timedelta:
    """Return how long Stripe is not asked about a customer again: for as long as it could have answered, in bounds."""
    waited = at - min(event.received_at for event in events)
    return min(max(waited, 2 * AWAY), AWAY_AT_MOST)


def _failed(event: StripeEvent, failed: Exception) -> None:
    parked = event.attempts >= MAX_ATTEMPTS
    if parked:
        _log.error("stripe.event_parked", extra={"event": event.id})
    said = getattr(failed, "said", "") or str(failed)
    StripeEvent.objects.filter(id=event.id, state=State.NEW).update(
        state=State.PARKED if parked else State.NEW,
        run_at=now() + pause(event.attempts),
        error=f"{type(failed).__name__}: {clean_text(said)}"[:2000],
    )


def pause(attempts: int) -> timedelta:
    """Return how long to wait after so many tries: seconds, doubled each time, at most an hour."""
    return min(timedelta(seconds=2 ** min(attempts, 16)), MAX_PAUSE)


def lag(at: datetime | None = None) -> dict[str, Any]:
    """Return how many events wait, for how many seconds the oldest has, and how many are parked."""
    waiting = StripeEvent.objects.filter(state=State.NEW).order_by("received_at")
    oldest = waiting.values_list("received_at", flat=True).first()
    return {
        "waiting": waiting.count(),
        "oldest_seconds": int(((at or now()) - oldest).total_seconds()) if oldest else 0,
        "parked": StripeEvent.objects.filter(state=State.PARKED).count(),
    }


# Counted when it is taken: a worker that dies of an event must not meet it for ever.
_CLAIM = """
UPDATE billing_stripeevent e SET run_at = %(until)s, attempts = e.attempts + 1
FROM (
  SELECT id FROM billing_stripeevent WHERE state = 'new' AND run_at <= %(now)s
  ORDER BY run_at LIMIT %(most)s FOR UPDATE SKIP LOCKED
) due
WHERE e.id = due.id RETURNING e.id
"""
