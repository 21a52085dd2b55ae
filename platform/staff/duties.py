"""The console's periodic work."""

from __future__ import annotations

from events.api import duty
from staff.accounts import sessions
from staff.console import figures


@duty("staff.refresh_figures", period_seconds=5)
def refresh_figures() -> int:
    """Count a few organizations anew: a thousand of them take about three minutes."""
    return figures.refresh()


@duty("staff.purge_sessions", period_seconds=3600)
def purge_sessions() -> int:
    """Forget sessions of staff that ended a month ago."""
    return sessions.purge()
