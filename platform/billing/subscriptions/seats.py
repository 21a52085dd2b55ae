"""Seats while they are bought or given up: nobody joins on one that is about to be nobody's.

People are counted when a plan is chosen, and Stripe is asked for seconds, or its page stands open for minutes. So the
seats above those that were asked for are held from the transaction that writes the intent on: whoever would join on
one is refused by the quota, as for any last seat. The fold that brings what was bought gives them back, in the
transaction that lowers the limit; so does Stripe's refusal; and at the latest the hold ends by itself. Seats that staff
gave are not going, whatever is bought beside them: those are never held.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db.models import Q

from billing.clock import now_of
from billing.entitlements.applying import bought_of, subscription_of
from billing.entitlements.compiling import better
from billing.errors import SeatsInUse
from billing.features import SEATS
from billing.models import BillingAccount, Override, Quota, Reservation, Subscription
from billing.services import release, reserve_for

# Longer than Stripe's page is open (checkout.OPEN_FOR), and than Stripe takes to answer and its event to come.
HELD_FOR = timedelta(hours=1)


def check(organization_id: UUID, seats: int) -> None:
    """Refuse fewer seats than people who may sign in.

    Raises:
        SeatsInUse: that is what it would be.
    """
    row = Quota.objects.filter(organization_id=organization_id, meter=SEATS).first()
    _check(row.used if row else 0, seats)


def hold(account: BillingAccount, seats: int) -> None:
    """Let no more than ``seats`` people sign in until that is what our rows say. In place of what was held before.

    Call it with the account locked, in the transaction that writes down what is asked for. Platform only.

    Raises:
        SeatsInUse: more may sign in already.
    """
    free(account.organization_id)
    rows = Quota.objects.select_for_update().filter(organization_id=account.organization_id, meter=SEATS)
    row = rows.first()
    if row is None:
        return
    _check(row.used, seats)
    stay = better(seats, _given(account))
    if row.hard_limit is not None and stay is not None and row.hard_limit > stay and not _are_granted(account):
        reserve_for(account.organization_id, meter=SEATS, amount=row.hard_limit - stay, life=HELD_FOR)


def free(organization_id: UUID) -> None:
    """Give back what is held. Safe to repeat. Platform only."""
    held = Reservation.objects.filter(
        organization_id=organization_id, meter=SEATS, state=Reservation.State.HELD
    ).values_list("id", flat=True)
    for reservation_id in list(held):
        release(reservation_id)


def _check(used: int, seats: int) -> None:
    if seats < used:
        left = used - seats
        raise SeatsInUse(
            f"{used} people may sign in. Suspend {left} of them first, or keep their seats.", used=used, to_free=left
        )


def _given(account: BillingAccount) -> int | None:
    """Return how many seats of a plan that staff gave are there beside what is bought; None: without end."""
    row, moment = subscription_of(account.organization_id), now_of(account)
    if row is None or row.state == Subscription.State.CANCELED:
        return 0
    version, seats, until = row.given_version, row.given_seats, row.given_until
    if row.is_comp and row.state == Subscription.State.TRIALING:  # what is bought takes its place and leaves its days
        version, seats, until = row.version, row.seats, row.trial_end_at
    if version is None or until is None or until <= moment:
        return 0
    return bought_of(version, seats).values()[SEATS]


def _are_granted(account: BillingAccount) -> bool:
    """Return whether staff gave seats: then the grant is the limit, whatever is bought."""
    own = Override.objects.filter(organization_id=account.organization_id, feature=SEATS, revoked_at=None)
    return own.filter(Q(expires_at=None) | Q(expires_at__gt=now_of(account))).exists()
