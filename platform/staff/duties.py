"""The console's periodic work."""

from __future__ import annotations

from events.api import duty
from staff import violations
from staff.accounts import sessions
from staff.console import figures
from staff.support import services as support


@duty("staff.refresh_figures", period_seconds=5)
def refresh_figures() -> int:
    """Count a few organizations anew: a thousand of them take about three minutes."""
    return figures.refresh()


@duty("staff.end_support_that_ran_out", period_seconds=15)
def end_support_that_ran_out() -> int:
    """Write down the end of support access whose time is over, and tell the owners: it opened nothing any more."""
    return support.end_expired()


@duty("staff.purge_sessions", period_seconds=3600)
def purge_sessions() -> int:
    """Forget sessions of staff that ended a month ago."""
    return sessions.purge()


@duty("staff.purge_policy_violations", period_seconds=3600)
def purge_policy_violations() -> int:
    """Forget violations of a policy that nobody has reported for a month."""
    return violations.purge()
