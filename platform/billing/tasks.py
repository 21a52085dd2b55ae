"""Billing's doors in the worker. A nudge: PostgreSQL holds the events, and a duty asks again."""

from __future__ import annotations

from celery import shared_task

from billing import grants  # noqa: F401 - registers credit
from billing.finance.tasks import compare_books
from billing.inbox import intake, looking, sweeping

# Each registers what its intents do: whoever finishes one must know them all.
from billing.subscriptions import changes, checkout, customers, details, ending, intents, leaving  # noqa: F401
from billing.usage import telling
from tenancy.tasks import PlatformTask

__all__ = [
    "compare",
    "compare_books",
    "end_with_organizations",
    "finish_intents",
    "look_into_events",
    "make_customers",
    "report_usage",
    "sweep",
]


# Acknowledged at once: an event's lease, not the broker, decides whether it is looked into again.
@shared_task(base=PlatformTask, acks_late=False)
def look_into_events() -> None:
    """Look into what Stripe told us. Safe to run any number of times at once."""
    intake.heard()
    looking.look()


@shared_task(base=PlatformTask, acks_late=False)
def sweep() -> None:
    """Look for events that did not come. Safe to run twice."""
    sweeping.sweep()


@shared_task(base=PlatformTask, acks_late=False)
def compare() -> None:
    """Compare some customers with what Stripe has. Safe to run twice."""
    sweeping.compare()


@shared_task(base=PlatformTask, acks_late=False)
def finish_intents() -> None:
    """Finish calls to Stripe that were begun and left open. Safe to run twice."""
    intents.finish_open()


@shared_task(base=PlatformTask, acks_late=False)
def end_with_organizations() -> None:
    """End what is charged to organizations that leave or have left. Safe to run twice."""
    leaving.chase()


@shared_task(base=PlatformTask, acks_late=False)
def make_customers() -> None:
    """Make organizations known to Stripe that are not yet, or are called otherwise by now. Safe to run twice."""
    customers.make_missing()
    customers.tell_names()


@shared_task(base=PlatformTask, acks_late=False)
def report_usage() -> None:
    """Tell Stripe what is beyond plans and paid for. Safe to run any number of times at once."""
    telling.report_usage()
