"""Telling Stripe what is beyond a plan, where the organization chose to pay for it: each amount once.

What is to be told is written down and taken off the days in one transaction, then told under the name it was written
with, then marked as told. Whoever dies in between finds it written and tells it again; of one name Stripe counts the
first.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import DurationField, Exists, ExpressionWrapper, F, Max, OuterRef, Q, QuerySet, Subquery, Value
from django_tenants.utils import get_tenant_model

from billing.clock import now_of
from billing.errors import BillingNotConfigured, BillingUnavailable
from billing.models import BillingAccount, StripeIntent, Subscription, UsageDay
from core.clock import iso, now

_log = logging.getLogger(__name__)

PURPOSE = "usage"
# Stripe knows a name for a day at least. What is older is not told again: rather unpaid than paid twice.
REPEATABLE_FOR = timedelta(hours=23)
# Logs of what was delivered come within a day of it; what is counted later than this had no invoice to be on.
_LOGS_LATE = timedelta(days=2)
_A_RUN = 200
_State = StripeIntent.State


class NotTaken(Exception):
    """Stripe will not take it, and will not later."""


class Teller(Protocol):
    """Tells a meter at Stripe how much of it a customer used."""

    def __call__(self, *, meter: str, customer: str, value: int, identifier: str, at: datetime) -> None:
        """Tell it. Of one ``identifier`` the first is counted.

        Raises:
            NotTaken: it will never be taken. Anything else: it is not known, and is told again.
        """


@dataclass(frozen=True, slots=True)
class _Due:
    """A day of a meter of which Stripe has not been told everything."""

    organization_id: UUID
    meter: str
    on: date


def report(tell: Teller, *, limit: int = _A_RUN) -> int:
    """Tell what is due; return how many amounts were taken. No transaction may be open. Platform only."""
    for due in _due(limit):
        _settle(due)
    told = 0
    rows = StripeIntent.objects.filter(purpose=PURPOSE, state=_State.OPEN).order_by("created_at")
    for intent in list(rows[:limit]):
        try:
            told += _tell(intent, tell)
        except (BillingNotConfigured, BillingUnavailable) as away:
            _log.warning("usage.reports_wait", extra={"why": away.code})
            break  # it will not take the next one either, and each try holds a worker for half a minute
    return told


def is_due() -> bool:
    """Return whether anything is to be told, or was begun and may not have been. Platform only."""
    return StripeIntent.objects.filter(purpose=PURPOSE, state=_State.OPEN).exists() or bool(_due(1))


def _due(limit: int) -> list[_Due]:
    """Return what was not told, of organizations that live here and have a subscription to charge it to.

    Of those that had one: as soon as no log can come any more, and what is left is written off.
    """
    here = get_tenant_model().objects.filter(cell=settings.CELL, frozen_at__isnull=True).exclude(state="deleted")
    rows = UsageDay.objects.filter(overage__gt=F("reported"), organization_id__in=here.values("id"))
    own = Subscription.objects.exclude(stripe_id=None).filter(organization_id=OuterRef("organization_id"))
    ended = own.filter(state=Subscription.State.CANCELED, canceled_at__isnull=False)
    has_ended_for_good = Q(Exists(ended)) & ~Q(Exists(_lately(ended)))
    rows = rows.filter(Q(Exists(own.exclude(state=Subscription.State.CANCELED))) | has_ended_for_good)
    found = rows.order_by("organization_id", "meter", "on").values_list("organization_id", "meter", "on").distinct()
    return [_Due(*row) for row in found[:limit]]


def _lately(ended: QuerySet[Subscription]) -> QuerySet[Subscription]:
    """Return those that ended so lately, by their accounts' own time, that logs of before may still come."""
    accounts = BillingAccount.objects.filter(organization_id=OuterRef("organization_id"))
    ahead = Subquery(accounts.values("ahead_seconds")[:1]) * Value(timedelta(seconds=1))
    begin = Value(now() - _LOGS_LATE) + ExpressionWrapper(ahead, DurationField())
    return ended.filter(canceled_at__gt=begin)


@transaction.atomic
def _settle(due: _Due) -> None:
    """Write down what is to be told of a day, or that it is told to nobody any more."""
    account = BillingAccount.objects.select_for_update().filter(organization_id=due.organization_id).first()
    if account is None:
        return
    own = Subscription.objects.filter(organization_id=due.organization_id).exclude(stripe_id=None)
    subscription = own.exclude(state=Subscription.State.CANCELED).first()
    ended = own.filter(state=Subscription.State.CANCELED).aggregate(at=Max("canceled_at"))["at"]
    if ended is not None and (subscription is None or due.on <= ended.date()):
        if subscription is not None or now_of(account) >= ended + _LOGS_LATE:
            _write_off(due)
    elif subscription is not None:
        _write(due, account, subscription)


def _write_off(due: _Due) -> None:
    """Let a day be that was counted after its subscription had ended: no invoice is its any more."""
    rows = UsageDay.objects.filter(organization_id=due.organization_id, meter=due.meter, on=due.on)
    left = sum(row.overage - row.reported for row in rows)
    rows.filter(overage__gt=F("reported")).update(reported=F("overage"))
    _log.warning(
        "usage.after_the_end",
        extra={"organization": str(due.organization_id), "meter": due.meter, "on": str(due.on), "amount": left},
    )


def _write(due: _Due, account: BillingAccount, subscription: Subscription) -> None:
    """Write down what is to be told of a day and count it as told: from here on it is that, and nothing else."""
    slot = f"{PURPOSE}:{due.meter}:{due.on}"
    open_one = StripeIntent.objects.filter(organization_id=due.organization_id, slot=slot, state=_State.OPEN)
    if not account.stripe_customer or open_one.exists():
        return
    rows = UsageDay.objects.select_for_update().filter(organization_id=due.organization_id, meter=due.meter, on=due.on)
    days = list(rows.order_by("id"))
    before = sum(row.reported for row in days)
    value = sum(row.overage for row in days) - before
    if value <= 0:
        return
    rows.update(reported=F("overage"))
    StripeIntent.objects.create(
        organization_id=due.organization_id,
        purpose=PURPOSE,
        slot=slot,
        request={
            "meter": due.meter,
            "customer": account.stripe_customer,
            "value": value,
            # What was told of the day before is the number of this part.
            "identifier": f"{due.organization_id}:{due.meter}:{due.on}:{before}",
            "at": iso(_at(due.on, now_of(account), subscription)),
        },
    )


def _at(on: date, moment: datetime, subscription: Subscription) -> datetime:
    """Return the instant that an amount of a day is told with: one in the period that is still to be invoiced."""
    end = datetime.combine(on, time(23, 59, 59), UTC)
    if end >= moment or (subscription.period_start is not None and end < subscription.period_start):
        return moment
    return end


def _tell(intent: StripeIntent, tell: Teller) -> bool:
    asked: dict[str, Any] = intent.request
    if intent.created_at < now() - REPEATABLE_FOR:
        _log.error("usage.report_given_up", extra={"intent": str(intent.id), "identifier": asked["identifier"]})
        _end(intent, _State.REFUSED, "not told again after a day")
        return False
    try:
        tell(
            meter=asked["meter"],
            customer=asked["customer"],
            value=asked["value"],
            identifier=asked["identifier"],
            at=datetime.fromisoformat(asked["at"]),
        )
    except NotTaken as refused:
        _log.error("usage.report_refused", extra={"intent": str(intent.id), "error": str(refused)})
        _end(intent, _State.REFUSED, str(refused)[:2000])
        return False
    except (BillingNotConfigured, BillingUnavailable):
        raise
    except Exception as failed:  # noqa: BLE001 - whatever it was, it stays written and is told again
        _log.warning("usage.report_failed", extra={"intent": str(intent.id), "error": type(failed).__name__})
        return False
    return _end(intent, _State.DONE, "")


def _end(intent: StripeIntent, state: str, error: str) -> bool:
    rows = StripeIntent.objects.filter(id=intent.id, state=_State.OPEN)
    return bool(rows.update(state=state, error=error, ended_at=now()))
