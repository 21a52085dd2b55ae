"""Calls that change something at Stripe: written down and committed first, made under their own id, ended once.

Whoever dies between the call and its end leaves an open intent; the same call is made again under the same key, and
Stripe answers what it answered the first time.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from billing.errors import BillingUnavailable, PaymentRefused, ProviderRefused
from billing.models import BillingAccount, StripeIntent
from core.clock import now

_log = logging.getLogger(__name__)

# Stripe forgets keys after a day: what is older could happen twice, and is given up instead.
REPEATABLE_FOR = timedelta(hours=23)
_LEFT_ALONE = timedelta(minutes=1)
# How long a second press waits for the first before it makes the same call itself. Seconds.
_WAITS = 6.0
_LOOKS_EVERY = 0.1

# Words about who pays are on the account by then.
_KEPT_FOR = timedelta(days=90)
# Checkout's address is good for a day. The portal's, for minutes, was kept by a release before.
_ADDRESS_KEPT_FOR = timedelta(days=2)
_A_RUN = 500
# As long as a call may take that is never answered: three tries of ten seconds (billing.gateway), and their pauses.
_A_CALL = timedelta(seconds=35)
# After so many in a row that Stripe did not answer it is down. One alone may be an answer of 500 that it keeps and
# repeats under its key for a day: whoever stands behind that waits for nothing.
_IS_DOWN_AFTER = 3

State = StripeIntent.State
Result = dict[str, Any]


@dataclass(frozen=True)
class Purpose:
    """What an intent is for. ``call`` reaches Stripe and returns what is to be kept; ``done`` runs as it ends.

    ``call`` must be the same for the same intent, however often; its keys begin with the intent's id. ``done``, or
    ``refused`` where Stripe would not, is in the transaction that ends it, once. ``by_itself`` says that whoever
    writes it makes no call: it is finished with the next look.
    """

    call: Callable[[StripeIntent], Result]
    done: Callable[[StripeIntent, Result], None] = lambda intent, result: None
    refused: Callable[[StripeIntent], None] = lambda intent: None
    by_itself: bool = False


_purposes: dict[str, Purpose] = {}


def purpose(name: str, found: Purpose) -> None:
    """Register what intents called ``name`` do."""
    if name in _purposes:
        raise ValueError(f"two purposes are called {name}")
    _purposes[name] = found


class Overtaken(Exception):
    """Something else of the same slot was asked for, or ended, meanwhile: decide anew with what is there now."""


@transaction.atomic
def begin(
    organization_id: UUID,
    name: str,
    request: dict[str, Any],
    *,
    slot: str | None = None,
    press: str = "",
    seen: UUID | Literal["any"] | None = "any",
    unless: Callable[[BillingAccount], bool] = lambda account: False,
    prepare: Callable[[BillingAccount], None] = lambda account: None,
    by: UUID | None = None,
) -> StripeIntent:
    """Write an intent and return it; or the one that is there of the same ``press``. Platform only.

    ``press`` names what a person pressed: pressed twice, it is one. ``slot`` holds one open intent at a time. ``seen``
    is the latest intent of this purpose that the caller knows. ``unless`` is asked of the locked account: whether what
    is wanted is there meanwhile. ``prepare`` is in the transaction of an intent that is new, before it: for what must
    hold from then on; what it refuses is not asked for.

    Raises:
        Overtaken: the slot is taken by another press, there is a later intent than ``seen``, or ``unless`` holds.
    """
    account = BillingAccount.objects.select_for_update().get(organization_id=organization_id)
    own = StripeIntent.objects.filter(organization_id=organization_id)
    if press and (same := own.filter(purpose=name, request__press=press).first()):
        return same
    if slot and (taken := own.filter(slot=slot, state=State.OPEN).first()):
        if taken.purpose == name and {**taken.request, "press": ""} == {**request, "press": ""}:
            return taken
        raise Overtaken
    if unless(account) or (seen != "any" and latest(organization_id, name) != seen):
        raise Overtaken
    prepare(account)
    written = StripeIntent.objects.create(
        organization_id=organization_id, purpose=name, slot=slot, request={**request, "press": press}, made_by=by
    )
    # As it is kept, names in the database's order: whoever finishes it must send the same bytes, or the key is refused.
    written.refresh_from_db(fields=["request"])
    return written


def latest(organization_id: UUID, name: str) -> UUID | None:
    """Return the id of the newest intent of a purpose."""
    rows = StripeIntent.objects.filter(organization_id=organization_id, purpose=name).order_by("-created_at", "-id")
    return rows.values_list("id", flat=True).first()


def run(intent: StripeIntent, *, is_mine: bool = True) -> StripeIntent:
    """Make the call of an intent and end it; return it as it is now. No transaction may be open. Platform only.

    Raises:
        ProviderRefused: Stripe will not, or would not the first time.
        BillingUnavailable: it is not known. The intent stays open and is finished by :func:`finish_open`.
    """
    if not is_mine:
        intent = _waited_for(intent)
    if intent.state == State.DONE:
        return intent
    if intent.state == State.REFUSED:
        raise _refusal(intent)
    found = _purposes[intent.purpose]
    try:
        result = found.call(intent)
    except ProviderRefused as refused:
        _refuse(intent, f"{refused.code}|{refused.members.get('reason', '')}|{refused.said}"[:2000])
        raise
    with transaction.atomic():
        if _end(intent, State.DONE, result=result):
            found.done(intent, result)
    return StripeIntent.objects.get(id=intent.id)


def ask(organization_id: UUID, name: str, request: dict[str, Any], **how: Any) -> StripeIntent:
    """Write an intent and run it; a second press of the same waits for the first. See :func:`begin` and :func:`run`."""
    written = begin(organization_id, name, request, **how)
    return run(written, is_mine=claim(written))


def clear(organization_id: UUID, slot: str) -> None:
    """Bring to its end whatever open intent is in a slot; what Stripe refuses of it is refused. No transaction."""
    for taken in StripeIntent.objects.filter(organization_id=organization_id, slot=slot, state=State.OPEN):
        try:
            run(taken, is_mine=False)
        except ProviderRefused:
            _log.info("stripe.intent_refused", extra={"intent": str(taken.id)})


def finish_open(*, limit: int = 20) -> int:
    """Finish what was begun more than a minute ago, or waits for this; return how many ended. Platform only.

    What was tried longest ago comes first.
    """
    ended = unanswered = 0
    moment = now()
    # Others finish theirs themselves (usage): they must not stand at the head of this line.
    waiting = [name for name, found in _purposes.items() if found.by_itself]
    due = Q(created_at__lt=moment - _LEFT_ALONE) | Q(purpose__in=waiting)
    rows = StripeIntent.objects.filter(due, purpose__in=list(_purposes), state=State.OPEN)
    for intent in list(rows.order_by(F("claimed_at").asc(nulls_first=True), "created_at")[:limit]):
        StripeIntent.objects.filter(id=intent.id, state=State.OPEN).update(claimed_at=now())
        if intent.created_at < moment - REPEATABLE_FOR:
            _log.error("stripe.intent_given_up", extra={"intent": str(intent.id), "purpose": intent.purpose})
            _refuse(intent, "payment_provider_refused|too_old|not repeated after a day")
            continue
        try:
            run(intent)
        except ProviderRefused:
            _log.warning("stripe.intent_refused", extra={"intent": str(intent.id), "purpose": intent.purpose})
            ended, unanswered = ended + 1, 0
        except BillingUnavailable:
            unanswered += 1
            if unanswered >= _IS_DOWN_AFTER:
                break
        except Exception:  # noqa: BLE001 - it stays open and is tried again; those behind it come to their end
            _log.exception("stripe.intent_failed", extra={"intent": str(intent.id), "purpose": intent.purpose})
        else:
            ended, unanswered = ended + 1, 0
    return ended


def is_due() -> bool:
    """Return whether something was left open, and nobody is at work on finishing it. Platform only.

    Where Stripe hangs a run takes longer than it is to the next: two at once would take the workers from the mails.
    """
    left = StripeIntent.objects.filter(state=State.OPEN)
    moment = now()
    at_work = left.filter(created_at__lt=moment - _LEFT_ALONE, claimed_at__gt=moment - _A_CALL)
    return left.exists() and not at_work.exists()


def forget() -> int:
    """Erase what was asked of Stripe and says nothing any more; return how much. Platform only.

    What was bought, changed, ended, given and counted stays. An address that lets whoever has it pay does not.
    """
    moment = now()
    ended = StripeIntent.objects.exclude(state=State.OPEN)
    old, lapsed = ended.filter(ended_at__lt=moment - _KEPT_FOR), ended.filter(ended_at__lt=moment - _ADDRESS_KEPT_FOR)
    passing = old.filter(Q(purpose="details") | Q(purpose="customer", state=State.REFUSED))
    forgotten = passing.delete()[0] + lapsed.filter(purpose="portal").delete()[0]
    for intent in list(lapsed.filter(purpose="checkout", result__has_key="url")[:_A_RUN]):
        left = {name: value for name, value in (intent.result or {}).items() if name != "url"}
        forgotten += StripeIntent.objects.filter(id=intent.id).update(result=left)
    return forgotten


def claim(intent: StripeIntent) -> bool:
    """Whether this caller is the first to make the call: everybody else waits for it."""
    return bool(StripeIntent.objects.filter(id=intent.id, state=State.OPEN, claimed_at=None).update(claimed_at=now()))


def _waited_for(intent: StripeIntent) -> StripeIntent:
    until = time.monotonic() + _WAITS
    while True:
        found = StripeIntent.objects.get(id=intent.id)
        if found.state != State.OPEN or time.monotonic() > until:
            return found
        time.sleep(_LOOKS_EVERY)


def _end(intent: StripeIntent, state: str, *, result: Result | None = None, error: str = "") -> bool:
    rows = StripeIntent.objects.filter(id=intent.id, state=State.OPEN)
    return bool(rows.update(state=state, result=result, error=error, ended_at=now()))


@transaction.atomic
def _refuse(intent: StripeIntent, error: str) -> None:
    if _end(intent, State.REFUSED, error=error):
        _purposes[intent.purpose].refused(intent)


def _refusal(intent: StripeIntent) -> ProviderRefused:
    code, _, rest = intent.error.partition("|")
    reason = rest.partition("|")[0]
    return PaymentRefused(reason=reason) if code == PaymentRefused.code else ProviderRefused(reason=reason)
