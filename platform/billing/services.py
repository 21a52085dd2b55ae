"""Quotas: take, give back, reserve, commit, release, add.

Whatever takes is one guarded UPDATE in the transaction of the act, as late in it as can be: the row makes an
organization's takers wait for each other until the commit. Every end of a reservation is one too, so twice is once.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Greatest

import tenancy
from billing.catalog import TRIAL, next_plan
from billing.errors import QuotaExceeded, UnknownMeter
from billing.meters import COUNTED, SEATS, default_limits
from billing.models import BillingAccount, Quota, Reservation
from billing.refusals import no_room, seats_asked
from core.clock import now
from core.ids import new_id

_log = logging.getLogger(__name__)


def open_quotas(organization_id: UUID) -> None:
    """Give an organization its quotas. Safe to repeat; must run on the platform."""
    Quota.objects.bulk_create(
        [
            Quota(organization_id=organization_id, meter=meter, plan_limit=limit, hard_limit=limit)
            for meter, limit in default_limits().items()
        ],
        ignore_conflicts=True,
    )


def set_limit(organization_id: UUID, meter: str, limit: int | None) -> None:
    """Sell a new limit. Below what is in use nothing breaks: growth stops. Must run on the platform."""
    with transaction.atomic():
        Quota.objects.filter(organization_id=organization_id, meter=meter).update(plan_limit=limit, updated_at=now())
        _settle(organization_id, meter)


@transaction.atomic
def take(meter: str, amount: int = 1) -> None:
    """Count ``amount`` more of a gauge in use by the bound organization, where there is room.

    Call it in the transaction that makes the thing, just before the end: whoever comes for the last one waits here.

    Raises:
        QuotaExceeded: it would pass the limit.
        UnknownMeter: no plan brings anything of this name.
    """
    _take(tenancy.current().id, meter, amount)


@transaction.atomic
def take_for(organization_id: UUID, meter: str, amount: int = 1) -> None:
    """As :func:`take`, for an organization that the platform names, in the platform's transaction.

    Raises:
        QuotaExceeded, UnknownMeter: as :func:`take`.
    """
    _take(organization_id, meter, amount)


@transaction.atomic
def give_back(meter: str, amount: int = 1) -> None:
    """Count ``amount`` less of a gauge in use by the bound organization: room at once."""
    _give_back(tenancy.current().id, meter, amount)


@transaction.atomic
def give_back_for(organization_id: UUID, meter: str, amount: int = 1) -> None:
    """As :func:`give_back`, for an organization that the platform names."""
    _give_back(organization_id, meter, amount)


@transaction.atomic
def reserve(*, meter: str, amount: int, life: timedelta) -> UUID:
    """Hold ``amount`` of ``meter`` for the bound organization; return the reservation's id.

    Raises:
        QuotaExceeded: used, reserved and this together would pass the limit.
    """
    return _reserve(tenancy.current().id, meter, amount, life)


@transaction.atomic
def reserve_for(organization_id: UUID, *, meter: str, amount: int, life: timedelta) -> UUID:
    """As :func:`reserve`, for an organization that the platform names.

    Raises:
        QuotaExceeded: as :func:`reserve`.
    """
    return _reserve(organization_id, meter, amount, life)


def _reserve(organization_id: UUID, meter: str, amount: int, life: timedelta) -> UUID:
    rows = Quota.objects.filter(_has_room(meter, amount), organization_id=organization_id, meter=meter)
    if not rows.update(reserved=F("reserved") + amount, updated_at=now()):
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


def _take(organization_id: UUID, meter: str, amount: int) -> None:
    rows = Quota.objects.filter(_has_room(meter, amount), organization_id=organization_id, meter=meter)
    if rows.update(used=F("used") + amount, updated_at=now()):
        return
    if meter in COUNTED and not Quota.objects.filter(organization_id=organization_id, meter=meter).exists():
        # Made a moment ago by a release that did not count this: a duty opens the quota and counts.
        _log.warning("quota.not_open_yet", extra={"organization_id": str(organization_id), "meter": meter})
        return
    raise _exceeded(organization_id, meter, amount)


def _give_back(organization_id: UUID, meter: str, amount: int) -> None:
    try:
        _change(organization_id, meter, used=-amount, reserved=0)
    except UnknownMeter:
        if meter not in COUNTED:
            raise


def _has_room(meter: str, amount: int) -> Q:
    """Whether the row has room. A limit that ended since a duty last wrote it counts no more."""
    total = F("used") + F("reserved") + amount
    found = Q(overage=True) | Q(hard_limit__isnull=True) | Q(hard_limit__gte=total)
    tenant = tenancy.current_or_none()
    if tenant is not None and tenant.entitlements.is_past_a_change:
        limit = tenant.entitlements.value(meter)
        if limit is not None:
            found &= Q(overage=True) | Q(used__lte=limit - amount - F("reserved"))
    return found


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
    plan = _plan_of(organization_id)
    free = max(0, (row.hard_limit or 0) - row.used - row.reserved)
    words = no_room(meter, needed=amount, free=free, limit=row.plan_limit)
    if meter == SEATS and row.reserved:
        words = seats_asked(asked=(row.hard_limit or 0) - row.reserved, free=free)
    return QuotaExceeded(
        words,
        meter=meter,
        needed=amount,
        free=free,
        limit=row.plan_limit,
        plan=plan,
        next_plan=next_plan(plan, meter),
    )


def _plan_of(organization_id: UUID) -> str:
    tenant = tenancy.current_or_none()
    if tenant is not None:
        return tenant.entitlements.plan
    rows = BillingAccount.objects.filter(organization_id=organization_id)
    return rows.values_list("plan", flat=True).first() or TRIAL
