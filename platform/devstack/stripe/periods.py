"""Billing periods: so many months from an anchor, the last day of the month where a month is too short."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime, timedelta

from devstack.stripe.store import Object

DAY = 86400


def add(moment: int, interval: str, count: int) -> int:
    """That many days, weeks, months or years later."""
    at = datetime.fromtimestamp(moment, UTC)
    if interval in ("day", "week"):
        return int((at + timedelta(days=count * (7 if interval == "week" else 1))).timestamp())
    months = at.year * 12 + at.month - 1 + count * (12 if interval == "year" else 1)
    year, month = divmod(months, 12)
    day = min(at.day, calendar.monthrange(year, month + 1)[1])
    return int(at.replace(year=year, month=month + 1, day=day).timestamp())


def around(anchor: int, recurring: Object, moment: int) -> tuple[int, int]:
    """The period of a price that holds this moment, counted from the anchor so that the day of the month stays."""
    interval, count = recurring["interval"], recurring["interval_count"]
    number = 0
    if moment >= anchor:
        while add(anchor, interval, count * (number + 1)) <= moment:
            number += 1
    else:
        while add(anchor, interval, count * number) > moment:
            number -= 1
    return add(anchor, interval, count * number), add(anchor, interval, count * (number + 1))


def words(moment: int) -> str:
    """A day as an invoice says it."""
    return datetime.fromtimestamp(moment, UTC).strftime("%-d %b %Y")
