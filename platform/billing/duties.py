"""Billing's periodic work."""

from __future__ import annotations

from billing.services import release_expired
from events.api import duty


@duty("billing.release_expired_reservations", period_seconds=60)
def release_expired_reservations() -> int:
    """Give back what was held for work that never ended."""
    return release_expired()
