"""The books' periodic work."""

from __future__ import annotations

from billing.finance import reconciliation, tasks
from events.api import duty


@duty("billing.compare_books", period_seconds=5)
def compare_books() -> int:
    """Let a worker compare the books: once a day, and whenever somebody asked."""
    if not reconciliation.is_due():
        return 0
    tasks.compare_books.delay()
    return 1
