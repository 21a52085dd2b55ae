"""Whether more people may sign in than there are seats, of whoever pays for seats; and for how long that is borne."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from billing.clock import now_of
from billing.features import SEATS
from billing.models import BillingAccount, Quota, Subscription
from core.clock import iso

GRACE = timedelta(days=14)
# How the letters about it are known again among a subscription's reminders.
MARK = "seats:"

State = Subscription.State
_PAYING = (State.TRIALING, State.ACTIVE, State.PAST_DUE)


def living() -> QuerySet[Subscription]:
    """Return the subscriptions by which seats are paid for. A trial and what was given are nobody's debt."""
    return Subscription.objects.filter(state__in=_PAYING, stripe_id__isnull=False)


def pays_for_seats(subscription: Subscription) -> bool:
    """Return whether seats are paid for by it: :func:`living`, of one row."""
    return subscription.stripe_id is not None and subscription.state in _PAYING


def over_seats(subscription: Subscription) -> datetime | None:
    """Return since when more people may sign in than seats are had; None where it is not so, or none are paid for."""
    if not pays_for_seats(subscription):
        return None
    rows = Quota.objects.filter(organization_id=subscription.organization_id, meter=SEATS)
    return rows.values_list("over_since_at", flat=True).first()


def letter_of(since: datetime, day: int) -> str:
    """Return the name of the letter that is written on the ``day``-th day."""
    return f"{MARK}{iso(since)}:{day}"


def told_since(subscription: Subscription) -> datetime | None:
    """Return when owners were first told of it, by the account's own time; None where it is not so, or nobody was."""
    since = over_seats(subscription)
    if since is None:
        return None
    told = (at for name, at in subscription.reminded.items() if name.startswith(f"{MARK}{iso(since)}:"))
    return min(map(datetime.fromisoformat, told), default=None)


def is_too_long(subscription: Subscription) -> bool:
    """Return whether it has been so for two weeks since owners were told: nobody is shut out of a clear sky."""
    told = told_since(subscription)
    if told is None:
        return False
    account = BillingAccount.objects.get(organization_id=subscription.organization_id)
    return told + GRACE <= now_of(account)
