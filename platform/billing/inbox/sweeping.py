"""Looking for what did not come: events that Stripe has and we have not, and objects that say other than our rows."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import timedelta
from itertools import islice
from typing import Any

from django.db.models import F, Q

from billing import gateway
from billing.errors import BillingNotConfigured, BillingUnavailable
from billing.inbox.intake import keep, nudge
from billing.models import BillingAccount, StripeSweep
from billing.subscriptions import customers, refreshing
from core.clock import now

_log = logging.getLogger(__name__)

# Stripe lists events for thirty days; a first sweep looks back so far.
_FIRST = timedelta(days=3)
# Events appear in the list a little after the moment they carry.
_OVERLAP = timedelta(minutes=10)
# So many new ones are taken in by one sweep.
_MOST = 20_000
_BATCH = 100
_EVERY = timedelta(days=1)
# After so long it is asked again about whom it did not answer about.
_AGAIN = timedelta(hours=1)


def sweep() -> int:
    """Keep every event that Stripe has and we have not; return how many. No transaction may be open. Platform only."""
    if not gateway.is_configured():
        return 0
    begun = now()
    last = StripeSweep.objects.filter(name="events").values_list("through_at", flat=True).first()
    found, is_whole = _keep(gateway.events_since((last or begun - _FIRST) - _OVERLAP))
    found += _keep(gateway.events_not_delivered())[0]
    if is_whole:
        StripeSweep.objects.update_or_create(name="events", defaults={"through_at": begun})
    else:
        # Listed newest first: the next sweep passes over what is kept by then, and comes to the older ones.
        _log.error("stripe.sweep_unfinished", extra={"count": found})
    if found:
        _log.warning("stripe.events_found", extra={"count": found})
        nudge()
    return found


def compare() -> int:
    """Look at every customer again, as if something had come; return how many had changed unheard.

    Where Stripe writes to somebody who is neither billing contact nor owner any more, it writes to one who is.

    A hand of them at a time, each once a day, those first that were not looked at for longest. One that cannot be
    folded is named in the log and keeps nobody behind it waiting; nor does one about whom Stripe does not answer, which
    is asked about again an hour later.
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
        except (BillingUnavailable, BillingNotConfigured) as failed:
            _log.warning("stripe.not_compared", extra={"why": failed.code})
            own = BillingAccount.objects.filter(organization_id=organization_id)
            own.update(compared_at=now() - _EVERY + _AGAIN)  # or the next run would begin, and end, with it again
            break  # it will hardly answer about the next one
        except Exception as failed:  # noqa: BLE001 - whatever is wrong with one, the next is compared
            extra = {"organization_id": str(organization_id), "why": getattr(failed, "code", type(failed).__name__)}
            _log.exception("stripe.not_compared", extra=extra)
            moved = False
        if moved:
            changed += 1
            _log.warning("stripe.changed_unheard", extra={"organization_id": str(organization_id)})
        BillingAccount.objects.filter(organization_id=organization_id).update(compared_at=now())
    return changed


def _keep(events: Iterable[dict[str, Any]]) -> tuple[int, bool]:
    """Keep what is for us, a hand at a time; return how many were new, and whether that were all."""
    found, waiting = 0, iter(events)
    while hand := list(islice(waiting, _BATCH)):
        ours = [event for event in hand if not event.get("account") and event["livemode"] is gateway.is_live()]
        found += keep(ours, came_by="sweep")
        if found >= _MOST:
            return found, False
    return found, True
