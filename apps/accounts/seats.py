"""Seats: a seat is a member who may sign in. It is taken with the member, in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass

import tenancy
from apps.accounts.models import Invitation, Member
from billing import api as billing
from core.clock import now


@dataclass(frozen=True, slots=True)
class Seats:
    """How many seats there are and are taken, how many open invitations will want one, and what one more costs.

    ``limit`` and ``free`` are None where there is no end to them; ``seat_minor`` where nothing is charged for a seat.
    """

    used: int
    limit: int | None
    free: int | None
    invited: int
    plan: str
    seat_minor: int | None
    currency: str | None
    interval: str | None


def take() -> None:
    """Give a seat to somebody who may sign in from now on. Call it last in the act's transaction.

    Raises:
        billing.errors.QuotaExceeded: every seat is taken.
    """
    billing.take(billing.SEATS)


def free() -> None:
    """Free the seat of somebody who may no more."""
    billing.give_back(billing.SEATS)


def count() -> int:
    """Return how many members of the bound organization have a seat."""
    return Member.objects.active().count()


def seats() -> Seats:
    """Return how the bound organization stands. Call it outside any transaction."""
    organization = tenancy.current()
    found = billing.usage(billing.SEATS)
    invited = Invitation.objects.redeemable().filter(expires_at__gt=now()).count()
    with tenancy.platform():
        price = billing.seat_price(organization.id)
    return Seats(
        used=found.used,
        limit=found.limit,
        free=found.free,
        invited=invited,
        plan=organization.entitlements.plan,
        seat_minor=price.seat_minor if price else None,
        currency=price.currency if price else None,
        interval=price.interval if price else None,
    )
