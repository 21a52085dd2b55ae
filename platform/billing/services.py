"""Quotas: reserve, commit, release, add. Every end of a reservation is one guarded UPDATE, so twice is once."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Greatest

import tenancy
from billing.errors import QuotaExceeded, UnknownMeter
from billing.meters import DEFAULT_LIMITS
from billing.models import Quota, Reservation
from core.clock import now
from core.ids import new_id


def open_quotas(organization_id: UUID) -> None:
    """Give an organization its quotas. Safe to repeat; must run on the platform."""
    Quota.objects.bulk_create(
        [
            Quota(organization_id=organization_id, meter=meter, plan_limit=limit, hard_limit=limit)
            for meter, limit in DEFAULT_LIMITS.items()
        ],
        ignore_conflicts=True,
    )


def set_limit(organization_id: UUID, meter: str, limit: int | None) -> None:
    """Sell a new limit. Below what is in use nothing breaks: growth stops. Must run on the platform."""
    with transaction.atomic():
        Quota.objects.filter(organization_id=organization_id, meter=meter).update(plan_limit=limit, updated_at=now())
        _settle(organization_id, meter)


@transaction.atomic
def reserve(*, meter: str, amount: int, life: timedelta) -> UUID:
    """Hold ``amount`` of ``meter`` for the bound organization; return the reservation's id.

    Raises:
        QuotaExceeded: used, reserved and this together would pass the limit.
    """
    organization_id = tenancy.current().id
    has_room = Q(overage=True) | Q(hard_limit__isnull=True) | Q(hard_limit__gte=F("used") + F("reserved") + amount)
    taken = (
        Quota.objects.filter(organization_id=organization_id, meter=meter)
        .filter(has_room)
        .update(reserved=F("reserved") + amount, updated_at=now())
    )
    if not taken:
        raise _exceeded(organization_id, meter, amount)
    reservation = Reservation(
        id=new_id(), organization_id=organization_id, meter=meter, amount=amount, expires_at=now() + life
    )
    Reservation.objects.bulk_create([reservation])
    return reservation.id


@transaction.atomic
def commit(reservation_id: UUID, *, actual: int) -> bool:
    """End a reservation as used: ``actual`` counts from now on. Return False where it had already ended."""
    row = _end(reservation_id, Reservation.State.COMMITTED, actual)
    if row is None:
        return False
    _change(row.organization_id, row.meter, used=actual, reserved=-row.amount)
    return True


@transaction.atomic
def release(reservation_id: UUID) -> bool:
    """End a reservation as not needed. Return False where it had already ended."""
    row = _end(reservation_id, Reservation.State.RELEASED, None)
    if row is None:
        return False
    _change(row.organization_id, row.meter, used=0, reserved=-row.amount)
    return True


@transaction.atomic
def add(*, meter: str, delta: int) -> None:
    """Count ``delta`` more (or less) in use by the bound organization, whatever the limit: it has already happened.

    Past the limit nothing that runs is broken; new reservations are refused until there is room again.
    """
    _change(tenancy.current().id, meter, used=delta, reserved=0)


def recount(organization_id: UUID, meter: str, used: int) -> None:
    """Set what is in use to what was counted elsewhere, as after a restore. Platform or owner only."""
    with transaction.atomic():
        row = Quota.objects.select_for_update().filter(organization_id=organization_id, meter=meter).first()
        if row is None:
            raise UnknownMeter(meter)
        _change(organization_id, meter, used=used - row.used, reserved=0)


def release_expired(*, limit: int = 200) -> int:
    """Release what is held past its time. Must run on the platform."""
    due = Reservation.objects.filter(state=Reservation.State.HELD, expires_at__lt=now()).values_list("id", flat=True)
    return sum(release(reservation_id) for reservation_id in list(due[:limit]))


def _end(reservation_id: UUID, state: str, actual: int | None) -> Reservation | None:
    row = Reservation.objects.filter(id=reservation_id).first()
    if row is None:
        return None
    ended = Reservation.objects.filter(id=reservation_id, state=Reservation.State.HELD).update(
        state=state, committed=actual, ended_at=now()
    )
    return row if ended else None


def _change(organization_id: UUID, meter: str, *, used: int, reserved: int) -> None:
    """Move the counters. The limit follows in the same statement, or its CHECK would refuse what has happened."""
    new_used, new_reserved = Greatest(F("used") + used, 0), Greatest(F("reserved") + reserved, 0)
    total = new_used + new_reserved
    changed = Quota.objects.filter(organization_id=organization_id, meter=meter).update(
        used=new_used,
        reserved=new_reserved,
        hard_limit=Case(When(plan_limit__isnull=True, then=Value(None)), default=Greatest(F("plan_limit"), total)),
        over_since_at=Case(When(plan_limit__lt=total, then=_first_over()), default=Value(None)),
        updated_at=now(),
    )
    if not changed:
        raise UnknownMeter(meter)


def _settle(organization_id: UUID, meter: str) -> None:
    _change(organization_id, meter, used=0, reserved=0)


def _first_over() -> Case:
    return Case(When(over_since_at__isnull=True, then=Value(now())), default=F("over_since_at"))


def _exceeded(organization_id: UUID, meter: str, amount: int) -> Exception:
    row = Quota.objects.filter(organization_id=organization_id, meter=meter).first()
    if row is None:
        return UnknownMeter(meter)
    limit = row.hard_limit or 0
    return QuotaExceeded(meter=meter, needed=amount, free=max(0, limit - row.used - row.reserved), limit=row.plan_limit)
