"""How much a month will come to, from what its days have come to so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

# Weekdays are compared over this many days; below the least, a weekday would be known from one day or none.
LOOKED_BACK = 28
LEAST = 14
_DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the month will come to. ``by`` says how it was reckoned: see :func:`forecast`."""

    amount: int
    by: Literal["weekdays", "rate"]


def forecast(used: int, days: Mapping[date, int], at: datetime) -> Forecast:
    """Reckon what ``at``'s month (UTC) comes to, of which ``used`` has been used.

    ``days`` are amounts by day, of this month and the four weeks before. With two weeks or more behind us, each day
    that is left is as the same weekdays were on average (schools rest on weekends): ``weekdays``. Else the month goes
    on as it began, a day at least taken as gone: ``rate``.
    """
    today, first = at.date(), at.date().replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    gone_today = (at - at.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds() / _DAY_SECONDS
    known = [day for day, amount in days.items() if amount > 0 and day < today]
    since = max(min(known, default=today), today - timedelta(days=LOOKED_BACK))
    behind = [since + timedelta(days=n) for n in range((today - since).days)]
    if len(behind) < LEAST:
        gone = max((today - first).days + gone_today, 1.0)
        return Forecast(round(used / gone * (following - first).days), "rate")
    means = []
    for weekday in range(7):
        same = [days.get(day, 0) for day in behind if day.weekday() == weekday]
        means.append(sum(same) / len(same))
    left = means[today.weekday()] * (1 - gone_today)
    left += sum(means[(today + timedelta(days=n)).weekday()] for n in range(1, (following - today).days))
    return Forecast(used + round(left), "weekdays")
