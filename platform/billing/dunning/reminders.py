"""Reminders: of a trial that ends and of an invoice that is late. To owners and billing contacts, each once.

Nobody else hears of money, learners least of all.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.module_loading import import_string
from django_tenants.utils import get_tenant_model

import tenancy
from billing.clock import now_of
from billing.dunning import letters
from billing.entitlements.applying import subscription_of
from billing.models import BillingAccount, Invoice, Subscription
from core import mail
from core.clock import iso
from core.errors import NotFound
from events.api import queue_mail_for
from tenancy.errors import TenantUnavailable
from tenants.api import load_organization

_log = logging.getLogger(__name__)

State = Subscription.State
LATE_DAYS = (0, 3, 7, 12)
TRIAL_DAYS_LEFT = (7, 3, 1)
_A_RUN = 200

KeyOf = Callable[[Subscription, datetime], str | None]
Write = Callable[[Subscription, BillingAccount, tenancy.TenantRecord], dict[str, Any]]


def remind() -> int:
    """Write what is due to be said; return to how many organizations. No transaction may be open. Platform only."""
    due = Q(state=State.PAST_DUE, past_due_since_at__isnull=False) | Q(state=State.TRIALING, trial_end_at__isnull=False)
    gone = get_tenant_model().objects.filter(state__in=("failed", "deleting", "deleted")).values("id")
    rows = Subscription.objects.filter(due).exclude(organization_id__in=gone).order_by("id")
    count = 0
    after: UUID | None = None
    while True:
        page = list((rows.filter(id__gt=after) if after else rows)[:_A_RUN])
        if not page:
            return count
        after = page[-1].id
        own = BillingAccount.objects.filter(organization_id__in=[row.organization_id for row in page])
        accounts = {account.organization_id: account for account in own}
        for row in page:
            account = accounts.get(row.organization_id)
            if account is not None and _key(row, now_of(account)) is not None:
                count += told(row.organization_id, key_of=_key, write=_letter)


def _key(row: Subscription, at: datetime) -> str | None:
    """Return the name of the reminder that is due and was not sent; None where none is.

    Of several that were missed the latest says it all.
    """
    if row.state == State.PAST_DUE and row.past_due_since_at is not None:
        late = (at - row.past_due_since_at) // timedelta(days=1)
        due = [day for day in LATE_DAYS if day <= late]
        key = f"past_due:{iso(row.past_due_since_at)}:{due[-1]}" if due else None
    elif row.state == State.TRIALING and row.trial_end_at is not None and at < row.trial_end_at and not row.cancel_at:
        left = -((at - row.trial_end_at) // timedelta(days=1))
        due = [day for day in TRIAL_DAYS_LEFT if left <= day]
        # A trial with a plan behind it goes on by itself: once is enough.
        key = f"trial:{iso(row.trial_end_at)}:{due[-1]}" if due and not (row.stripe_id and due[-1] != 3) else None
    else:
        key = None
    return None if key is None or key in row.reminded else key


def told(organization_id: UUID, *, key_of: KeyOf, write: Write) -> bool:
    """Send what is due by ``key_of`` to owners and contacts, once, in the words of ``write``; return whether it was.

    No transaction may be open. Platform only.
    """
    try:
        return _tell(organization_id, key_of, write)
    except Exception:  # noqa: BLE001 - one who cannot be told keeps nobody else from hearing
        _log.exception("billing.not_reminded", extra={"organization_id": str(organization_id)})
        return False  # the next run tries again, and those behind it hear of theirs now


def _tell(organization_id: UUID, key_of: KeyOf, write: Write) -> bool:
    try:
        record = load_organization(organization_id)
        with tenancy.bind(record):
            owners = [owner.email for owner in import_string(settings.OWNER_CONTACTS)()]
    except (NotFound, TenantUnavailable):
        return False  # gone, closed or on its way: nobody could do anything about it there
    with tenancy.platform(), transaction.atomic():
        account = BillingAccount.objects.select_for_update().get(organization_id=organization_id)
        row = subscription_of(organization_id)
        key = key_of(row, now_of(account)) if row is not None else None
        if row is None or key is None:
            return False
        letter = write(row, account, record)
        for address in dict.fromkeys([*owners, *account.contacts]):
            queue_mail_for(record.id, record.generation, mail.compose(to=address, **letter))
        Subscription.objects.filter(id=row.id).update(reminded={**row.reminded, key: iso(now_of(account))})
    _log.info("billing.reminded", extra={"organization_id": str(organization_id), "kind": key.partition(":")[0]})
    return True


def _letter(row: Subscription, account: BillingAccount, record: tenancy.TenantRecord) -> dict[str, Any]:
    if row.state == State.PAST_DUE:
        own = Invoice.objects.filter(organization_id=row.organization_id, status__in=("open", "uncollectible"))
        is_invoiced = account.collection == "invoice"
        return letters.late(row, record, own.order_by("issued_at").first(), now_of(account), is_invoiced=is_invoiced)
    if row.stripe_id:
        return letters.trial_goes_on(row, record, now_of(account), is_invoiced=account.collection == "invoice")
    return letters.trial_ends(row, record, now_of(account))
