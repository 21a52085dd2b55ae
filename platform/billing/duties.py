"""Billing's periodic work."""

from __future__ import annotations

from billing.accounts import open_missing
from billing.dunning import duties as dunning_duties  # noqa: F401 - registers those of paying
from billing.entitlements import apply_due
from billing.finance import duties as finance_duties  # noqa: F401 - registers finance's own
from billing.gauges import OF_A_SCHEMA, recount_bound, recount_fleet
from billing.services import release_expired
from billing.usage import duties as usage_duties  # noqa: F401 - registers usage's own
from events.api import duty, tenant_duty


@duty("billing.release_expired_reservations", period_seconds=60)
def release_expired_reservations() -> int:
    """Give back what was held for work that never ended."""
    return release_expired()


@duty("billing.apply_entitlements", period_seconds=60)
def apply_entitlements() -> int:
    """Let limits follow where a grant, or what was kept after a change, has come to its end."""
    return apply_due()


@duty("billing.open_missing_accounts", period_seconds=60)
def open_missing_accounts() -> int:
    """Open the accounts of organizations that a release before there were any has made meanwhile."""
    return open_missing(limit=100)


@tenant_duty(OF_A_SCHEMA, period_seconds=6 * 3600)
def recount_seats() -> int:
    """Make the gauges of people agree with the people there are."""
    return recount_bound()


@duty("billing.recount_gauges", period_seconds=6 * 3600)
def recount_gauges() -> int:
    """Make the gauges of domains and bytes agree with the rows there are."""
    return recount_fleet()
