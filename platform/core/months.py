"""Calendar months in UTC: what figures by month are counted in."""

from __future__ import annotations

from datetime import UTC, datetime


def last_months(count: int, *, until: datetime) -> list[datetime]:
    """Return the first moments of the last ``count`` months up to that of ``until``, oldest first."""
    index = until.year * 12 + until.month - 1
    return [datetime(at // 12, at % 12 + 1, 1, tzinfo=UTC) for at in range(index - count + 1, index + 1)]


def month_name(moment: datetime) -> str:
    """Return ``2026-11`` for any moment of that month."""
    return f"{moment.astimezone(UTC):%Y-%m}"
