"""The organization's own state follows what it bought: read-only where nothing is paid for, open again when it is.

Only what billing shut does billing open: an organization that staff made read-only stays it, whoever pays.
"""

from __future__ import annotations

import logging
from uuid import UUID

from django.db import transaction

from billing.clock import now_of
from billing.entitlements.applying import subscription_of
from billing.models import BillingAccount, Subscription
from billing.subscriptions import crowds
from core.acting import Acting, acting
from core.errors import DomainError, NotFound
from tenants import api as tenants
from tenants.api import LifecycleEvent

_log = logging.getLogger(__name__)

State = Subscription.State

# Said to owners, and how a limit of ours is known again.
REASONS = {
    "trial": "The trial is over and no plan was chosen.",
    "unpaid": "An invoice has been unpaid for 14 days.",
    "paused": "The trial is over and there is nothing on file to pay with.",
    "seats": "For 14 days more people could sign in than seats are paid for.",
    "canceled": "The subscription has ended.",
}
_LED_BACK = (LifecycleEvent.ASK_DELETION, LifecycleEvent.CANCEL_DELETION)
_SHUT = (State.READ_ONLY, State.CANCELED)


def settle(organization_id: UUID) -> None:
    """Bring the organization's state to where its subscription says. Safe to repeat. No transaction may be open."""
    subscription = subscription_of(organization_id)
    if subscription is None:
        return
    try:
        with acting(Acting(kind="system", via="billing")):
            if is_shut(subscription):
                _shut(subscription)
                # Paid while it was being shut: whoever folded that found nothing to open yet.
                latest = subscription_of(organization_id)
                if latest is not None and not is_shut(latest):
                    _open(latest)
            elif subscription.read_only_at is not None:
                _open(subscription)
                # Ended while it was being opened: the same the other way round.
                latest = subscription_of(organization_id)
                if latest is not None and is_shut(latest):
                    _shut(latest)
    except NotFound:
        return  # it is gone
    except DomainError as refused:
        _log.info("billing.not_settled", extra={"organization_id": str(organization_id), "why": refused.code})


def is_shut(subscription: Subscription) -> bool:
    """Return whether nothing may be changed: nothing is paid for, or for two weeks less than is used."""
    return subscription.state in _SHUT or crowds.is_too_long(subscription)


def _shut(subscription: Subscription) -> None:
    organization_id = subscription.organization_id
    if tenants.load_organization(organization_id).state == "active":
        tenants.transition(organization_id, LifecycleEvent.LIMIT, reason=_reason(subscription))
    if subscription.read_only_at is None and _is_ours(organization_id):
        _mark(subscription, shut=True)


def _open(subscription: Subscription) -> None:
    organization_id = subscription.organization_id
    state = tenants.load_organization(organization_id).state
    if state == "read_only" and _is_ours(organization_id):
        tenants.transition(organization_id, LifecycleEvent.REACTIVATE)
    elif state not in ("active", "read_only"):
        return  # closed, it comes back to where it was: the mark says then that billing opens it
    _mark(subscription, shut=False)


def _is_ours(organization_id: UUID) -> bool:
    history = tenants.organization_history(organization_id, limit=20)
    # A deletion that was called off led back here.
    last = next((line for line in history if line.event not in _LED_BACK), None)
    return last is not None and last.event == LifecycleEvent.LIMIT and last.reason in REASONS.values()


def _reason(subscription: Subscription) -> str:
    if subscription.state == State.CANCELED:
        return REASONS["canceled"]
    if subscription.state != State.READ_ONLY:
        return REASONS["seats"]
    if subscription.stripe_status == "paused":
        return REASONS["paused"]
    return REASONS["trial"] if subscription.stripe_id is None else REASONS["unpaid"]


@transaction.atomic
def _mark(subscription: Subscription, *, shut: bool) -> None:
    account = BillingAccount.objects.select_for_update().get(organization_id=subscription.organization_id)
    rows = Subscription.objects.filter(id=subscription.id)
    row = rows.first()
    if row is None or is_shut(row) is not shut:
        return  # it has changed meanwhile: whoever changed it settles anew
    if shut:
        rows.filter(read_only_at=None).update(read_only_at=now_of(account))
    else:
        rows.update(read_only_at=None)
