"""The periodic work of usage, all on shared tables: an organization is visited only to tell its owners."""

from __future__ import annotations

from billing import gateway
from billing.usage import alerts, delivered, months, noting, recount, report
from events.api import duty
from tenancy.tasks import named

_A_BATCH = 2000


@duty("billing.fold_usage", period_seconds=5)
def fold_usage() -> int:
    """Add what was used to its days."""
    folded = batch = noting.fold(limit=_A_BATCH)
    while batch == _A_BATCH:
        batch = noting.fold(limit=_A_BATCH)
        folded += batch
    return folded


@duty("billing.roll_months", period_seconds=20)
def roll_months() -> int:
    """Begin new months; end the choice to pay for more where there is nothing to charge it to."""
    return months.roll() + months.take_back_overage()


@duty("billing.usage_alerts", period_seconds=60)
def usage_alerts() -> int:
    """Note what reached 70, 90 and 100 percent, and tell the owners."""
    alerts.find()
    return alerts.tell()


@duty("billing.report_usage", period_seconds=600)
def report_usage() -> bool:
    """Let a worker tell Stripe what is beyond plans and paid for; the dispatcher waits for nobody outside."""
    if not gateway.is_configured() or not report.is_due():
        return False
    named("billing.tasks.report_usage").delay()
    return True


@duty("billing.recount_usage", period_seconds=24 * 3600)
def recount_usage() -> int:
    """Compare days with their events and meters with their days; forget what is no longer compared."""
    differences = len(recount.compare_days()) + months.recount()
    recount.purge()
    delivered.forget_logs()
    return differences
