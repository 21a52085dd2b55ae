"""What falls due by time: a trial that is over, a payment that is two weeks late. By the account's own time."""

from __future__ import annotations

import copy
import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django_tenants.utils import get_tenant_model

from billing import entitlements, ledger
from billing.clock import now_of
from billing.models import BillingAccount, Subscription
from billing.subscriptions import standing
from billing.subscriptions.fold import GRACE
from core.clock import now

_log = logging.getLogger(__name__)

State = Subscription.State
_A_RUN = 200
_NOT_BOUGHT = Q(stripe_id=None, state=State.TRIALING)


def advance() -> int:
    """Do what fell due; return to how many organizations. No transaction may be open. Platform only."""
    due = [*_due(_NOT_BOUGHT, "trial_end_at"), *_due(Q(state=State.PAST_DUE), "past_due_since_at", after=GRACE)]
    for organization_id in due:
        if _shut(organization_id):
            standing.settle(organization_id)
    return len(due) + _settle_left()


def _due(which: Q, column: str, *, after: timedelta = timedelta(0)) -> list[UUID]:
    """Return the organizations whose moment in ``column`` has come by their own time, without those that are gone."""
    moment = now()
    ahead = BillingAccount.objects.filter(organization_id=OuterRef("organization_id")).values("ahead_seconds")[:1]
    gone = get_tenant_model().objects.filter(state__in=("failed", "deleting", "deleted")).values("id")
    rows = Subscription.objects.filter(which, **{f"{column}__isnull": False}).exclude(organization_id__in=gone)
    real = list(_ids(rows.filter(**{f"{column}__lte": moment - after})))
    # Only a sandbox has accounts that are ahead, and few.
    early = rows.annotate(ahead=Subquery(ahead)).filter(ahead__gt=0, **{f"{column}__gt": moment - after})
    found = early.values_list("organization_id", column, "ahead")[:_A_RUN]
    return [*real, *(one for one, at, by in found if at + after <= moment + timedelta(seconds=by))]


def _ids(rows: QuerySet[Subscription]) -> Any:
    return rows.values_list("organization_id", flat=True)[:_A_RUN]


@transaction.atomic
def _shut(organization_id: UUID) -> bool:
    """Let nothing be changed any more, where it is still so that the time is over."""
    account = BillingAccount.objects.select_for_update().get(organization_id=organization_id)
    row = Subscription.objects.filter(organization_id=organization_id).exclude(state=State.CANCELED).first()
    if row is None or not _is_over(row, now_of(account)):
        return False
    before = copy.copy(row)
    row.state = State.READ_ONLY
    row.save(update_fields=["state"])
    ledger.note(before, row)
    entitlements.apply(organization_id)
    return True


def _is_over(row: Subscription, at: datetime) -> bool:
    if row.state == State.TRIALING:
        return row.stripe_id is None and row.trial_end_at is not None and row.trial_end_at <= at
    late = row.past_due_since_at
    return row.state == State.PAST_DUE and late is not None and late + GRACE <= at


def _settle_left() -> int:
    """Bring organizations along whose state a crash left behind the subscription's."""
    behind = Q(state__in=(State.READ_ONLY, State.CANCELED), read_only_at=None)
    ahead = Q(read_only_at__isnull=False) & ~Q(state__in=(State.READ_ONLY, State.CANCELED))
    serving = get_tenant_model().objects.filter(state__in=("active", "read_only")).values("id")
    newer = Subscription.objects.filter(organization_id=OuterRef("organization_id")).exclude(state=State.CANCELED)
    # One that ended says nothing where another has taken its place, nor does any of who is closed or gone.
    rows = Subscription.objects.filter(behind | ahead, organization_id__in=serving).exclude(
        Q(state=State.CANCELED) & Exists(newer)
    )
    # Some stay behind for good: staff made them read-only. Those that were folded last come first,
    # and beside them some by lot, so that whoever can be settled is, however many cannot.
    newest = rows.order_by(F("folded_at").desc(nulls_last=True)).values_list("organization_id", flat=True)
    by_lot = rows.order_by("?").values_list("organization_id", flat=True)
    left = list(dict.fromkeys([*newest[: _A_RUN // 2], *by_lot[: _A_RUN // 2]]))
    for organization_id in left:
        standing.settle(organization_id)
    return len(left)
