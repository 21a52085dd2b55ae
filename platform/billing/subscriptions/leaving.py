"""An organization that is deleted stops paying. Nobody has to remember that, and nobody can who is locked out.

Asking for the deletion writes down, in the transaction of the state, that the subscription ends with what is paid for;
calling it off, that it goes on, where it was the deletion that ended it. On the day itself everything that Stripe would
still charge ends at once, and the organization's rows wait for that: they are what says whom to ask about.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django_tenants.utils import get_tenant_model

from billing import gateway, ledger
from billing.clock import now_of
from billing.entitlements.applying import subscription_of
from billing.errors import BillingUnavailable, ProviderRefused
from billing.models import BillingAccount, StripeIntent, Subscription
from billing.subscriptions import intents, refreshing
from billing.subscriptions.intents import Purpose, Result
from core.clock import day, now
from core.errors import DomainError
from tenants.api import DELETION_DELAY, Effect, LifecycleEvent

_log = logging.getLogger(__name__)

LEAVE, STAY, END = "leave", "stay", "end"
WAITS = "The payment provider has not ended the subscription yet: nothing is deleted while it could still be charged."

# What Stripe refused is asked again after so long, for it will hardly change its mind within a minute.
_REST = timedelta(hours=1)
_A_RUN = 50
_ENDED = ("canceled", "incomplete_expired")
_SAID = "The organization was deleted."
_COMMENT = "The organization is to be deleted."

State = Subscription.State
_Intent = StripeIntent.State


# -- with the organization's state, in its transaction ----------------------------------------------------------------


def asked(organization_id: UUID) -> None:
    """Let the subscription end with what is paid for: the organization is to be deleted. In its transaction."""
    if _locked(organization_id) is None:
        return
    row = _living(organization_id)
    last = _last(organization_id, row)
    if row is None or row.cancel_at is not None or (last and (last.purpose, last.state) == (LEAVE, _Intent.OPEN)):
        return
    _write(organization_id, LEAVE, {"subscription": row.stripe_id})


def called_off(organization_id: UUID) -> None:
    """Let the subscription go on where asking for the deletion ended it. In the transaction of the state.

    One that its owner had cancelled before stays cancelled.
    """
    if _locked(organization_id) is None:
        return
    row = _living(organization_id)
    if row is not None and _ends_with_deletion(organization_id, row):
        _write(organization_id, STAY, {"subscription": row.stripe_id})


def begun(organization_id: UUID) -> None:
    """Let everything at Stripe end at once: the organization is being deleted. In the transaction of the state."""
    account, row = _locked(organization_id), _living(organization_id)
    if account is None or (account.stripe_customer is None and row is None):
        return
    if not _own(organization_id).filter(purpose=END, state=_Intent.OPEN).exists():
        request = {"customer": account.stripe_customer, "subscription": row.stripe_id if row else None}
        _write(organization_id, END, request)


def why_not_yet(organization_id: UUID) -> str:
    """Return what the rows of an organization that is being deleted wait for, and see that it comes. Platform only."""
    ends = _own(organization_id).filter(purpose=END).order_by("-created_at", "-id").first()
    is_asked = ends is not None and ends.state == _Intent.OPEN
    if _living(organization_id) is None:
        # Nothing that we know of is charged; what we do not know of is asked about, where anybody can be.
        return WAITS if is_asked and gateway.is_configured() else ""
    if not is_asked and _may_ask_again(ends):
        with transaction.atomic():
            begun(organization_id)
    return WAITS


def effects(organization_id: UUID, event: LifecycleEvent) -> Iterator[Effect]:
    """Yield what an event of the organization's life does to what it pays. Platform only."""
    row = subscription_of(organization_id)
    account = BillingAccount.objects.filter(organization_id=organization_id).first()
    if row is None or account is None or not row.stripe_id:
        return
    if event == LifecycleEvent.ASK_DELETION and row.state != State.CANCELED:
        yield _plan_ends(row, now_of(account) + DELETION_DELAY)
        if row.state in (State.PAST_DUE, State.READ_ONLY):
            yield Effect("invoice_stays_due", "What is unpaid stays due.")
    elif event == LifecycleEvent.CANCEL_DELETION:
        yield _plan_after(organization_id, row)


def _plan_ends(row: Subscription, deleted_at: datetime) -> Effect:
    ends = row.cancel_at or row.period_end
    if ends is not None and ends <= deleted_at:
        return Effect("plan_ends", f"The plan ends on {day(ends)}. Nothing is charged after that.")
    return Effect(
        "plan_ends",
        f"The plan ends with the organization, on {day(deleted_at)}: nothing more is charged, and what is paid for "
        "beyond that day is not paid back.",
    )


def _plan_after(organization_id: UUID, row: Subscription) -> Effect:
    if row.state == State.CANCELED:
        return Effect("plan_is_over", "Its plan has ended: until one is chosen, nothing can be changed.")
    if row.cancel_at is not None and not _ends_with_deletion(organization_id, row):
        return Effect("plan_still_ends", f"The plan still ends on {day(row.cancel_at)}, as it was asked for before.")
    charged = f": the next charge is on {day(row.period_end)}" if row.period_end else ""
    return Effect("plan_goes_on", f"The plan goes on, with {row.seats:,} seats{charged}.")


# -- what nobody wrote down -------------------------------------------------------------------------------------------


def is_due() -> bool:
    """Return whether anybody who leaves, or has left, has a subscription that does not end. Platform only."""
    return _closing().exists() or _gone().exists()


def chase(*, limit: int = _A_RUN) -> int:
    """See that whoever leaves stops paying; return of how many that had to be asked for again.

    What was written with the state ends it. This is for the rest: bought in a page that was open meanwhile, taken back
    at Stripe, refused or given up; and for organizations that were deleted before anybody saw to it. No transaction
    may be open. Platform only.
    """
    found = 0
    for organization_id in list(_closing().values_list("organization_id", flat=True)[:limit]):
        try:
            found += _chase_closing(organization_id)
        except DomainError as failed:
            _log.warning("billing.not_ended", extra={"organization": str(organization_id), "why": failed.code})
            if failed.status == BillingUnavailable.status:
                break
        except Exception:  # noqa: BLE001 - one that cannot be folded keeps no other from its end
            _log.exception("billing.not_ended", extra={"organization": str(organization_id)})
    for organization_id in list(_gone().values_list("organization_id", flat=True)[:limit]):
        last = _own(organization_id).filter(purpose=END).order_by("-created_at", "-id").first()
        if (last is None or last.state != _Intent.OPEN) and _may_ask_again(last):
            _log.error("billing.deleted_and_charged", extra={"organization": str(organization_id)})
            with transaction.atomic():
                begun(organization_id)
            found += 1
    # Of who is gone nothing is kept that was only for the way there.
    deleted = get_tenant_model().objects.filter(state="deleted").values("id")
    StripeIntent.objects.filter(purpose=END, organization_id__in=deleted).exclude(state=_Intent.OPEN).filter(
        ended_at__lt=now() - _REST
    ).delete()
    return found


def _chase_closing(organization_id: UUID) -> bool:
    row = _living(organization_id)
    last = _last(organization_id, row)
    if last is not None and last.purpose == LEAVE:
        if last.state == _Intent.OPEN:
            return False
        if last.state == _Intent.DONE:  # did it, and no event has told us: or somebody took it back
            refreshing.refresh(organization_id)
            row = _living(organization_id)
        elif not _may_ask_again(last):
            return False
    if row is None or row.cancel_at is not None:
        return False
    _log.warning("billing.leaves_and_pays", extra={"organization": str(organization_id)})
    with transaction.atomic():
        asked(organization_id)
    return True


def _closing() -> QuerySet[Subscription]:
    here = get_tenant_model().objects.filter(cell=settings.CELL, frozen_at__isnull=True, state="pending_deletion")
    return _charged().filter(cancel_at=None, organization_id__in=here.values("id"))


def _gone() -> QuerySet[Subscription]:
    here = get_tenant_model().objects.filter(cell=settings.CELL, state="deleted")
    return _charged().filter(organization_id__in=here.values("id"))


def _charged() -> QuerySet[Subscription]:
    return Subscription.objects.exclude(state=State.CANCELED).exclude(stripe_id=None).order_by("id")


# -- rows -------------------------------------------------------------------------------------------------------------


def _locked(organization_id: UUID) -> BillingAccount | None:
    return BillingAccount.objects.select_for_update().filter(organization_id=organization_id).first()


def _living(organization_id: UUID) -> Subscription | None:
    return _charged().filter(organization_id=organization_id).first()


def _own(organization_id: UUID) -> QuerySet[StripeIntent]:
    return StripeIntent.objects.filter(organization_id=organization_id)


def _last(organization_id: UUID, row: Subscription | None) -> StripeIntent | None:
    """Return what was last asked of a subscription because of a deletion."""
    if row is None:
        return None
    rows = _own(organization_id).filter(purpose__in=(LEAVE, STAY), request__subscription=row.stripe_id)
    return rows.order_by("-created_at", "-id").first()


def _ends_with_deletion(organization_id: UUID, row: Subscription) -> bool:
    last = _last(organization_id, row)
    return last is not None and last.purpose == LEAVE and last.state != _Intent.REFUSED


def _may_ask_again(last: StripeIntent | None) -> bool:
    return last is None or last.state == _Intent.DONE or last.ended_at is None or last.ended_at < now() - _REST


def _write(organization_id: UUID, purpose: str, request: dict[str, str | None]) -> None:
    # In no slot: what was asked for last is what holds, and what came before it is not asked of Stripe any more.
    StripeIntent.objects.create(organization_id=organization_id, purpose=purpose, request=request)


# -- calls ------------------------------------------------------------------------------------------------------------


def _leave(intent: StripeIntent) -> Result:
    subscription = intent.request["subscription"]
    if _has_ended(subscription):
        return {}
    if _is_overtaken(intent):
        _take_back_what_was_called_off(intent)  # whoever began this may have died behind its call
        return {}
    said = {"cancel_at_period_end": True, "cancellation_details": {"comment": _COMMENT}}
    gateway.update_subscription(subscription, said, key=str(intent.id))
    _take_back_what_was_called_off(intent)
    return {}


def _take_back_what_was_called_off(leave: StripeIntent) -> None:
    """Let the subscription go on where the deletion was called off while Stripe was asked for its end.

    Whoever called it off has found nothing to take back then, and asks no more.
    """
    subscription = leave.request["subscription"]
    last = _own(leave.organization_id).filter(purpose__in=(LEAVE, STAY), request__subscription=subscription)
    newest = last.order_by("-created_at", "-id").first()
    if newest is None or newest.purpose != STAY:
        return
    found = gateway.subscription(subscription)
    said = found.get("cancellation_details") or {}
    if found.get("cancel_at_period_end") and said.get("comment") == _COMMENT:
        gateway.update_subscription(subscription, {"cancel_at_period_end": False}, key=f"{leave.id}:back")


def _stay(intent: StripeIntent) -> Result:
    subscription = intent.request["subscription"]
    if _is_overtaken(intent) or _has_ended(subscription):
        return {}
    found = gateway.subscription(subscription)
    # Stripe keeps the end as a flag or as a day, and takes either back by its own name.
    if found.get("cancel_at_period_end"):
        gateway.update_subscription(subscription, {"cancel_at_period_end": False}, key=f"{intent.id}:flag")
    elif found.get("cancel_at"):
        gateway.update_subscription(subscription, {"cancel_at": ""}, key=f"{intent.id}:day")
    return {}


def _is_overtaken(intent: StripeIntent) -> bool:
    """Return whether the opposite was asked for since: whatever kept this one from its end, it must not come after."""
    later = _own(intent.organization_id).filter(created_at__gt=intent.created_at, purpose__in=(LEAVE, STAY))
    return later.filter(request__subscription=intent.request["subscription"]).exists()


def _has_ended(subscription: str) -> bool:
    try:
        return gateway.subscription(subscription)["status"] in _ENDED
    except ProviderRefused as refused:
        if refused.members.get("reason") == "resource_missing":
            return True
        raise


def _end(intent: StripeIntent) -> Result:
    """End whatever is charged: also what somebody made by hand, and what we cannot fold."""
    customer, known = intent.request["customer"], intent.request["subscription"]
    living = {known} if known and not _has_ended(known) else set()
    if customer:
        living |= {one["id"] for one in _subscriptions(customer) if one["status"] not in _ENDED}
    for subscription in sorted(living):
        gateway.cancel_subscription(subscription, why=_SAID, key=f"{intent.id}:{subscription}")
    return {"ended": sorted(living)}


def _subscriptions(customer: str) -> list[dict[str, Any]]:
    try:
        return gateway.subscriptions_of(customer)
    except ProviderRefused as refused:
        if refused.members.get("reason") != "resource_missing":
            raise
        return []


def _ended(intent: StripeIntent, result: Result) -> None:
    """Let our rows say it at once: the organization's end waits for them, and for no event."""
    account = BillingAccount.objects.select_for_update().get(organization_id=intent.organization_id)
    moment = now_of(account)
    for row in _charged().filter(organization_id=intent.organization_id):
        before = copy.copy(row)
        row.state, row.stripe_status, row.canceled_at = State.CANCELED, "canceled", moment
        row.cancel_at, row.mrr_minor, row.folded_at = None, 0, now()
        row.save()
        ledger.note(before, row, at=moment)
    account.folds += 1  # whoever has read Stripe before this reads again
    account.save(update_fields=["folds"])


intents.purpose(LEAVE, Purpose(_leave, by_itself=True))
intents.purpose(STAY, Purpose(_stay, by_itself=True))
intents.purpose(END, Purpose(_end, _ended, by_itself=True))
