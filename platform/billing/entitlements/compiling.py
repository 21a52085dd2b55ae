"""From what an organization bought, keeps and was granted to what it has now and next. No rows, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from billing.catalog import Amount
from billing.features import FEATURES, SEATS
from billing.plans import PLANS
from tenancy.entitlements import Span


@dataclass(frozen=True, slots=True)
class Bought:
    """A version of a plan with so many seats."""

    plan: str
    brings: Mapping[str, Amount]
    seats: int

    def values(self) -> dict[str, int | None]:
        """Return the value of every feature there is.

        A limit that came up after the version was sold binds nobody who bought it; a switch that did is not there.
        """
        return {key: self._value(key) for key in FEATURES}

    def _value(self, key: str) -> int | None:
        amount = self.brings.get(key)
        if amount is None:
            return 0 if FEATURES[key].kind == "switch" else None
        return None if amount.value is None else amount.value + amount.per_seat * self.seats


@dataclass(frozen=True, slots=True)
class Granted:
    """A value that staff gave instead of the plan's, until a moment (None: until it is taken back)."""

    feature: str
    value: int | None
    until: datetime | None


def spans_from(
    moment: datetime,
    *,
    bought: Bought,
    kept: Bought | None = None,
    kept_until: datetime | None = None,
    given: Bought | None = None,
    given_until: datetime | None = None,
    granted: Iterable[Granted] = (),
) -> tuple[Span, ...]:
    """Return what is in force from ``moment`` on, one span for each time between two known ends.

    What was paid for and given up is kept until ``kept_until``: of each feature the better of both. But for seats:
    whoever joined on one that was given up would stay when it ends, and nobody would pay for them. What staff had given
    when it was bought is had until ``given_until`` in the same way, and its seats with it: they were never to be paid
    for. A grant replaces the plan's value, less than it too, and its end is the plan's value again.
    """
    grants = [grant for grant in granted if grant.until is None or grant.until > moment]
    beside = [
        (other, until, but)
        for other, until, but in ((kept, kept_until, {SEATS}), (given, given_until, set[str]()))
        if other is not None and until is not None and until > moment
    ]
    ends = {grant.until for grant in grants if grant.until is not None} | {until for _, until, _ in beside}
    spans = []
    start = moment
    for end in [*sorted(ends), None]:
        values, plan = bought.values(), bought.plan
        for other, until, but in beside:
            if start < until:
                values |= {key: better(values[key], value) for key, value in other.values().items() if key not in but}
                plan = higher(plan, other.plan)
        for grant in grants:
            if grant.until is None or start < grant.until:
                values[grant.feature] = grant.value
        spans.append(Span(end, plan, values))
        start = end if end is not None else start
    return tuple(spans)


def higher(one: str, other: str) -> str:
    """Return the higher of two plans by their keys; the second where one is sold no more."""
    known = one in PLANS and other in PLANS
    return one if known and PLANS[one].rank > PLANS[other].rank else other


def better(one: int | None, other: int | None) -> int | None:
    """Return the larger of two values; None is without end."""
    return None if one is None or other is None else max(one, other)
