"""Billing's time: ours, and for a sandbox's customers the time of the test clock that they are on."""

from __future__ import annotations

from datetime import datetime, timedelta

from billing.models import BillingAccount
from core.clock import now


def now_of(account: BillingAccount) -> datetime:
    """Return the instant that ``account`` is at. With live keys it is now."""
    return now() + timedelta(seconds=account.ahead_seconds)
