"""Letters about a payment whose bank asks why: when it does, and when it has decided. To owners and billing contacts.

What is said follows what the invoice says by now, not which event came: so each is said once, whatever came, how often
and in which order. A dispute that is heard of when it is over already is told as over, and no more.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal

import tenancy
from billing.clock import now_of
from billing.dunning import letters, reminders
from billing.entitlements.applying import subscription_of
from billing.models import BillingAccount, Invoice, Subscription
from billing.subscriptions import refreshing
from core.clock import now

State = Subscription.State
Happened = Literal["asked", "opened", "stands", "lost"]

# A dispute's status at Stripe -> what there is to say. One that Stripe prevented was given back, and needs no letter.
_HAPPENED: dict[str, Happened] = {
    "warning_needs_response": "asked",
    "warning_under_review": "asked",
    "open": "opened",
    "needs_response": "opened",
    "under_review": "opened",
    "warning_closed": "stands",
    "won": "stands",
    "lost": "lost",
}
# What could not be told for so long (its organization was closed) is no news any more.
_NEWS_FOR = timedelta(days=30)


def remind() -> int:
    """Write what is to be said of disputes; return how many letters that were. No transaction may be open.

    Platform only.
    """
    told = 0
    news = Invoice.objects.filter(dispute__in=list(_HAPPENED), folded_at__gt=now() - _NEWS_FOR)
    for organization_id, stripe_id in list(news.order_by("folded_at").values_list("organization_id", "stripe_id")):
        row = subscription_of(organization_id)
        key_of, write = partial(_key, stripe_id), partial(_letter, stripe_id)
        if row is not None and key_of(row, now()) is not None:
            told += reminders.told(organization_id, key_of=key_of, write=write)
    return told


def _key(stripe_id: str, row: Subscription, at: datetime) -> str | None:
    """Return the name of the letter that is due about an invoice, None where it was sent or there is none.

    Looked for on every subscription that the organization had: what is bought after a plan was lost is another one.
    """
    invoice = Invoice.objects.get(stripe_id=stripe_id)
    happened = _HAPPENED.get(invoice.dispute)
    if happened is None or (happened == "lost" and _is_ending(invoice)):
        return None
    key = f"dispute:{stripe_id}:{happened}"
    own = Subscription.objects.filter(organization_id=row.organization_id, reminded__has_key=key)
    return None if own.exists() else key


def _is_ending(invoice: Invoice) -> bool:
    """Return whether the plan of a lost payment is about to end: it is told when it has."""
    paid_for = Subscription.objects.filter(stripe_id=invoice.stripe_subscription).exclude(state=State.CANCELED)
    return refreshing.is_taken_back(invoice) and paid_for.exists()


def _letter(stripe_id: str, row: Subscription, account: BillingAccount, record: tenancy.TenantRecord) -> dict[str, Any]:
    invoice = Invoice.objects.get(stripe_id=stripe_id)
    happened = _HAPPENED[invoice.dispute]
    if happened == "stands":
        return letters.dispute_stands(record, invoice)
    if happened == "lost":
        is_without_plan = row.state == State.CANCELED
        has_ended = refreshing.is_taken_back(invoice)
        return letters.dispute_lost(record, invoice, has_ended=has_ended, is_without_plan=is_without_plan)
    is_running = (
        row.state != State.CANCELED
        and row.stripe_id == invoice.stripe_subscription
        and invoice.period_end is not None
        and invoice.period_end > now_of(account)
    )
    ends = invoice.period_end if is_running else None
    return letters.dispute_opened(record, invoice, is_taken=happened == "opened", ends=ends)
