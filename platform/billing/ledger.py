"""The ledger of monthly recurring revenue: one fact for each change of what a subscription brings.

Counted is what is charged again: active and past due, not a trial, not what staff gave, not what has been unpaid for so
long that the organization is read-only. A movement is booked when we learn of it, in the account's own time, so that a
month that is over never changes.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Case, F, Q, QuerySet, Sum, Value, When

from billing.models import BillingAccount, MrrMovement, Subscription
from core.clock import now

Kind = MrrMovement.Kind
State = Subscription.State

COUNTED = (State.ACTIVE, State.PAST_DUE)


class NotedOutsideTransaction(RuntimeError):
    """A subscription and its movement must commit together."""


def counted_minor(subscription: Subscription | None) -> int:
    """Return what a month of the subscription counts in the ledger, in its currency's minor units."""
    if subscription is None or subscription.is_comp or subscription.state not in COUNTED:
        return 0
    return subscription.mrr_minor


def with_counted() -> QuerySet[Subscription]:
    """Return all subscriptions with ``counted``: :func:`counted_minor` as the database counts it."""
    return Subscription.objects.annotate(
        counted=Case(When(Q(is_comp=False, state__in=COUNTED), then=F("mrr_minor")), default=Value(0))
    )


def note(before: Subscription | None, after: Subscription | None, *, at: datetime | None = None) -> list[MrrMovement]:
    """Write what a change of the organization's subscription moved; return the movements, none where nothing did.

    Called in the transaction of every change of a subscription, by whoever holds the organization's BillingAccount
    ``FOR UPDATE``. ``before`` is the subscription as it was (None where there was none), ``after`` as it is saved (None
    where it is gone). ``at`` is the account's own time, where its row does not say it yet. How much it brought is read
    from the ledger itself: what was once forgotten is made good by the next change, and a second call moves nothing.

    Raises:
        NotedOutsideTransaction: no transaction is open.
    """
    if not connection.in_atomic_block:
        raise NotedOutsideTransaction
    subscription = after or before
    if subscription is None:
        return []
    organization_id = subscription.organization_id
    wanted: dict[str, int] = {after.currency: counted_minor(after)} if after is not None else {}
    had = balances(organization_id)
    changed = {
        currency: (had.get(currency, 0), wanted.get(currency, 0))
        for currency in sorted({*had, *wanted})
        if had.get(currency, 0) != wanted.get(currency, 0)
    }
    if not changed:
        return []
    kind = _kind_of(organization_id, after, had, wanted)
    bought = subscription if after is None or any(wanted.values()) or before is None else before
    movements = [
        MrrMovement(
            organization_id=organization_id,
            at=at or _at(organization_id),
            kind=kind or (Kind.EXPANSION if to > was else Kind.CONTRACTION),
            currency=currency,
            before_minor=was,
            after_minor=to,
            plan=bought.version.plan_id,
            version=bought.version.number,
            interval=bought.interval,
            seats=bought.seats,
            subscription_id=subscription.id,
            source=subscription.stripe_id or "",
        )
        for currency, (was, to) in changed.items()
    ]
    return MrrMovement.objects.bulk_create(movements)


@transaction.atomic
def catch_up(organization_id: UUID) -> list[MrrMovement]:
    """Book what an organization's subscription brings where a change of it was not noted; return what that moved."""
    BillingAccount.objects.select_for_update().filter(organization_id=organization_id).first()
    own = Subscription.objects.select_related("version").filter(organization_id=organization_id)
    running = own.exclude(state=State.CANCELED).first() or own.order_by("-started_at").first()
    return note(running, running)


def balances(organization_id: UUID) -> dict[str, int]:
    """Return what the organization brings a month by the ledger: currency -> minor units, without what is nothing."""
    rows = (
        MrrMovement.objects.filter(organization_id=organization_id)
        .values_list("currency")
        .annotate(left=Sum(F("after_minor") - F("before_minor")))
        .order_by()
    )
    return {currency: left for currency, left in rows if left}


def balances_of_all() -> dict[tuple[UUID, str], int]:
    """Return what every organization brings a month by the ledger: (organization, currency) -> minor units."""
    rows = (
        MrrMovement.objects.values_list("organization_id", "currency")
        .annotate(left=Sum(F("after_minor") - F("before_minor")))
        .order_by()
    )
    return {(organization_id, currency): left for organization_id, currency, left in rows if left}


def _kind_of(
    organization_id: UUID, after: Subscription | None, had: dict[str, int], wanted: dict[str, int]
) -> str | None:
    """Return the kind of a customer's coming or going; None where they were one and stay one.

    Whoever is given their plan for nothing has not left: that is a contraction, and paying again an expansion.
    """
    if any(had.values()) and not any(wanted.values()):
        is_given = after is not None and after.is_comp and after.state != State.CANCELED
        return None if is_given else Kind.CHURN
    if not any(had.values()):
        last = MrrMovement.objects.filter(organization_id=organization_id).order_by("-id").first()
        if last is None:
            return Kind.NEW
        return Kind.REACTIVATION if last.kind == Kind.CHURN else None
    return None


def _at(organization_id: UUID) -> datetime:
    ahead = BillingAccount.objects.filter(organization_id=organization_id).values_list("ahead_seconds", flat=True)
    return now() + timedelta(seconds=ahead.first() or 0)
