"""Looking for what did not come: events that Stripe has and we have not, and objects that say other than our rows."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import timedelta
from itertools import islice
from typing import Any

from django.db.models import F, Q

from billing import gateway
from billing.inbox.intake import keep, nudge
from billing.models import BillingAccount, StripeSweep
from billing.subscriptions import customers, refreshing
from core.clock import now
from core.errors import DomainError

_log = logging.getLogger(__name__)

# Stripe lists events for thirty days; a first sweep looks back so far.
_FIRST = timedelta(days=3)
# Events appear in the list a little after the moment they carry.
_OVERLAP = timedelta(minutes=10)
_MOST = 20_000
_BATCH = 100
_EVERY = timedelta(days=1)


def sweep() -> int:
    """Keep every event that Stripe has and we have not; return how many. No transaction may be open. Platform only."""
    if not gateway.is_configured():
        return 0
    begun = now()
    last = StripeSweep.objects.filter(name="events").values_list("through_at", flat=True).first()
    found = _keep(gateway.events_since((last or begun - _FIRST) - _OVERLAP))
    found += _keep(gateway.events_not_delivered())
    StripeSweep.objects.update_or_create(name="events", defaults={"through_at": begun})
    if found:
        _log.warning("stripe.events_found", extra={"count": found})
        nudge()
    return found


def compare() -> int:
    """Look at every customer again, as if something had come; return how many had changed unheard.

    Where Stripe writes to somebody who is neither billing contact nor owner any more, it writes to one who is.

    A hand of them at a time, each once a day, those first that were not looked at for longest.
    """
    if not gateway.is_configured():
        return 0
    changed = 0
    waiting = Q(compared_at=None) | Q(compared_at__lt=now() - _EVERY)
    rows = BillingAccount.objects.exclude(stripe_customer=None).filter(waiting)
    rows = rows.order_by(F("compared_at").asc(nulls_first=True))
    for organization_id in list(rows.values_list("organization_id", flat=True)[:_BATCH]):
        try:
            moved = refreshing.refresh(organization_id)
            customers.keep_address(organization_id)
        except DomainError as failed:
            _log.warning("stripe.not_compared", extra={"why": failed.code})
            if failed.status == 503:
                break
            moved = False
        if moved:
            changed += 1
            _log.warning("stripe.changed_unheard", extra={"organization_id": str(organization_id)})
        BillingAccount.objects.filter(organization_id=organization_id).update(compared_at=now())
    return changed


def _keep(events: Iterable[dict[str, Any]]) -> int:
    """Keep what is for us, a hand at a time."""
    found, waiting = 0, iter(islice(events, _MOST))
    while hand := list(islice(waiting, _BATCH)):
        ours = [event for event in hand if not event.get("account") and event["livemode"] is gateway.is_live()]
        found += keep(ours, came_by="sweep")
    return found
