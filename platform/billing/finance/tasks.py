"""The books' door for workers."""

from __future__ import annotations

from celery import shared_task

from billing.finance import reconciliation, stripe_books
from tenancy.tasks import PlatformTask


# Reading everything at Stripe takes as long as it takes: it is no work of the dispatcher's own.
@shared_task(base=PlatformTask)
def compare_books() -> None:
    """Make the comparison that is due. Safe to run any number of times at once."""
    reconciliation.run(stripe_books.read, why_without=stripe_books.why_not())
