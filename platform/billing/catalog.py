"""The price list, in code: each plan with every version of it that was ever sold, the newest last.

:func:`billing.offers.sync_plans` writes it to rows. A version is never changed once it was written: whoever bought it
keeps it. To change a price or an amount, add a version (docs/operations/plans.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from billing.features import (
    ALWAYS,
    DELIVERED_BYTES,
    DOMAINS,
    PRIORITY_SUPPORT,
    SEATS,
    STORAGE_BYTES,
    SWITCHES,
    TRANSCODE_SECONDS,
)

CURRENCIES = ("usd", "eur", "gbp")
INTERVALS = ("month", "year")
# A year costs as many months as this.
MONTHS_PAID_A_YEAR = 10
TRIAL = "trial"
TRIAL_DAYS = 14

_GB = 10**9
# Minor units for a GB delivered and for a minute encoded beyond what is included, the same in each currency.
_OVERAGE = {DELIVERED_BYTES: "5", TRANSCODE_SECONDS: "3"}


@dataclass(frozen=True, slots=True)
class Amount:
    """How much of a feature a version brings: ``value`` (None: as much as one likes) and so much more for each seat."""

    value: int | None
    per_seat: int = 0


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a plan: what a seat costs a month in minor units by currency, and what it brings."""

    number: int
    seats_min: int
    month_minor: Mapping[str, int]
    brings: Mapping[str, Amount]
    overage: Mapping[str, str] = field(default_factory=dict)

    def prices(self) -> dict[str, dict[str, int]]:
        """Return what one seat costs in minor units, by currency and interval."""
        return {
            currency: {"month": minor, "year": minor * MONTHS_PAID_A_YEAR}
            for currency, minor in self.month_minor.items()
        }

    def overage_prices(self) -> dict[str, dict[str, str]]:
        """Return what one GB or minute more costs in minor units, as decimals, by meter and currency."""
        return {meter: dict.fromkeys(self.month_minor, price) for meter, price in self.overage.items()}

    def declared(self) -> dict[str, Any]:
        """Return all that a buyer was promised, as JSON: two versions are the same if this is."""
        return {
            "seats_min": self.seats_min,
            "prices": self.prices(),
            "overage": self.overage_prices(),
            "brings": {feature: [amount.value, amount.per_seat] for feature, amount in sorted(self.brings.items())},
        }


@dataclass(frozen=True, slots=True)
class Entry:
    """A plan. ``rank`` orders them: the way up leads to a higher one. ``state`` says who may be put on it."""

    key: str
    name: str
    rank: int
    state: Literal["sold", "offered", "retired"]
    versions: tuple[Version, ...]

    @property
    def newest(self) -> Version:
        """Return the version that is sold now."""
        return self.versions[-1]


def _brings(
    *,
    seats: Amount,
    storage_gb: int | None,
    domains: int | None,
    minutes: tuple[int, int] | None,
    delivered: tuple[int, int] | None,
    extras: tuple[str, ...] = (),
) -> dict[str, Amount]:
    return {
        SEATS: seats,
        STORAGE_BYTES: Amount(None if storage_gb is None else storage_gb * _GB),
        DOMAINS: Amount(domains),
        TRANSCODE_SECONDS: Amount(None) if minutes is None else Amount(minutes[0] * 60, minutes[1] * 60),
        DELIVERED_BYTES: Amount(None) if delivered is None else Amount(delivered[0] * _GB, delivered[1] * _GB),
        **{switch: Amount(int(switch in (*ALWAYS, *extras))) for switch in SWITCHES},
    }


_AS_BOUGHT = Amount(0, per_seat=1)

CATALOG: tuple[Entry, ...] = (
    Entry(
        key=TRIAL,
        name="Trial",
        rank=0,
        state="offered",  # every organization begins with it; nobody can choose it
        versions=(
            Version(
                number=1,
                seats_min=1,
                month_minor={},
                brings=_brings(seats=Amount(50), storage_gb=50, domains=1, minutes=(600, 0), delivered=(100, 0)),
            ),
        ),
    ),
    Entry(
        key="start",
        name="Start",
        rank=10,
        state="sold",
        versions=(
            Version(
                number=1,
                seats_min=5,
                month_minor={"usd": 400, "eur": 400, "gbp": 350},
                brings=_brings(seats=_AS_BOUGHT, storage_gb=50, domains=1, minutes=(600, 20), delivered=(100, 2)),
                overage=_OVERAGE,
            ),
        ),
    ),
    Entry(
        key="team",
        name="Team",
        rank=20,
        state="sold",
        versions=(
            Version(
                number=1,
                seats_min=10,
                month_minor={"usd": 700, "eur": 700, "gbp": 600},
                brings=_brings(seats=_AS_BOUGHT, storage_gb=250, domains=3, minutes=(3000, 40), delivered=(500, 4)),
                overage=_OVERAGE,
            ),
        ),
    ),
    Entry(
        key="growth",
        name="Growth",
        rank=30,
        state="sold",
        versions=(
            Version(
                number=1,
                seats_min=25,
                month_minor={"usd": 1000, "eur": 1000, "gbp": 900},
                brings=_brings(
                    seats=_AS_BOUGHT,
                    storage_gb=1000,
                    domains=10,
                    minutes=(10_000, 60),
                    delivered=(2000, 6),
                    extras=(PRIORITY_SUPPORT,),
                ),
                overage=_OVERAGE,
            ),
        ),
    ),
    Entry(
        key="scale",
        name="Scale",
        rank=40,
        state="offered",
        versions=(
            Version(
                number=1,
                seats_min=100,
                month_minor={"usd": 1200, "eur": 1200, "gbp": 1100},
                brings=_brings(
                    seats=_AS_BOUGHT,
                    storage_gb=None,
                    domains=None,
                    minutes=None,
                    delivered=None,
                    extras=(PRIORITY_SUPPORT,),
                ),
                overage=_OVERAGE,
            ),
        ),
    ),
)
BY_KEY: dict[str, Entry] = {entry.key: entry for entry in CATALOG}


def next_plan(key: str, feature: str) -> str | None:
    """Return the nearest sold plan above ``key`` that brings more of ``feature``, or None where there is none.

    Of what grows with the seats bought, the plan itself is the way up: buy seats. None too where what one has is
    without end.
    """
    here = BY_KEY.get(key)
    rank = here.rank if here else -1
    held = here.newest.brings.get(feature, Amount(0)) if here else Amount(0)
    if held.value is None:
        return None
    if feature == SEATS and here is not None and here.state == "sold":
        return key
    for entry in CATALOG:
        amount = entry.newest.brings.get(feature, Amount(0))
        more = amount.value is None or amount.value > held.value or amount.per_seat > held.per_seat
        if entry.state == "sold" and entry.rank > rank and more:
            return entry.key
    return None
