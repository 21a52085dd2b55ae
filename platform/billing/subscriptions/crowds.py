"""Whether more people may sign in than there are seats, of whoever pays for seats; and for how long that is borne."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from billing.features import SEATS
from billing.models import Quota, Subscription
from core.clock import now

GRACE = timedelta(days=14)

State = Subscription.State
_PAYING = (State.TRIALING, State.ACTIVE, State.PAST_DUE)


def living() -> QuerySet[Subscription]:
    """Return the subscriptions by which seats are paid for. A trial and what was given are nobody's debt."""
    return Subscription.objects.filter(state__in=_PAYING, stripe_id__isnull=False)


def over_seats(subscription: Subscription) -> datetime | None:
    """Return since when more people may sign in than seats are had; None where it is not so, or none are paid for."""
    if subscription.stripe_id is None or subscription.state not in _PAYING:
        return None
    rows = Quota.objects.filter(organization_id=subscription.organization_id, meter=SEATS)
    return rows.values_list("over_since_at", flat=True).first()


def is_too_long(subscription: Subscription) -> bool:
    """Return whether that has been so for two weeks. By our own time: people are counted in it."""
    since = over_seats(subscription)
    return since is not None and since + GRACE <= now()
