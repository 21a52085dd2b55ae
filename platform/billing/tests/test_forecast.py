"""The forecast: by run rate at first, by weekdays once there are two weeks to go by."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from billing.usage.forecast import forecast

# A Wednesday; the month began on a Sunday.
AT = datetime(2026, 11, 18, 12, tzinfo=UTC)


def back(days: int) -> list[date]:
    return [AT.date() - timedelta(days=n) for n in range(1, days + 1)]


def test_a_month_goes_on_as_it_began() -> None:
    found = forecast(1750, dict.fromkeys(back(10), 100), AT)
    assert (found.amount, found.by) == (3000, "rate")


def test_the_first_hours_of_a_month_are_taken_as_a_day() -> None:
    assert forecast(10, {}, datetime(2026, 11, 1, 0, 5, tzinfo=UTC)).amount == 300


def test_nothing_used_comes_to_nothing() -> None:
    assert forecast(0, {}, AT).amount == 0


def test_a_school_that_rests_on_weekends_is_expected_to_rest() -> None:
    days = {day: 0 if day.weekday() >= 5 else 100 for day in back(28)}
    used = sum(amount for day, amount in days.items() if day.month == 11) + 50
    found = forecast(used, days, AT)
    # Half of this Wednesday, and eight school days until the 30th.
    assert (found.amount, found.by) == (used + 50 + 800, "weekdays")


def test_a_month_that_is_over_but_for_a_moment_comes_to_what_was_used() -> None:
    at = datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC)
    days = {at.date() - timedelta(days=n): 100 for n in range(1, 29)}
    assert forecast(3000, days, at).amount == 3000
