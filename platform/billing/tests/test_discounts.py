"""What a month brings after discounts, as Stripe applies them: in their order, in whole minor units, halves up."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from billing.subscriptions.fold import _monthly
from billing.subscriptions.products import Sold


def _coupon(**terms: Any) -> dict[str, Any]:
    return {"source": {"coupon": {"percent_off": None, "amount_off": None, "currency": None, **terms}}}


def _brings(*discounts: Any, seats: int = 12, each: int = 700, interval: str = "month") -> int:
    sold = Sold(version_id=UUID(int=1), currency="eur", interval=interval)
    return _monthly({"currency": "eur", "discounts": list(discounts)}, {"price": {"unit_amount": each}}, sold, seats)


@pytest.mark.parametrize(
    ("discounts", "minor"),
    [
        ((), 8400),
        ((_coupon(percent_off=25),), 6300),
        ((_coupon(percent_off=33.3),), 5603),  # 5602.8
        ((_coupon(percent_off=100),), 0),
        ((_coupon(amount_off=1000, currency="eur"),), 7400),
        ((_coupon(amount_off=9000, currency="eur"),), 0),  # nobody is paid for having a plan
        ((_coupon(amount_off=1000, currency="usd"),), 8400),  # of another currency it is none
        ((_coupon(percent_off=50), _coupon(amount_off=1000, currency="eur")), 3200),
        ((_coupon(amount_off=1000, currency="eur"), _coupon(percent_off=50)), 3700),
        (({"coupon": {"percent_off": 25}},), 6300),  # as versions of the API before had it
    ],
)
def test_discounts_lessen_what_a_month_brings(discounts: tuple[Any, ...], minor: int) -> None:
    assert _brings(*discounts) == minor


def test_half_a_cent_is_rounded_up() -> None:
    assert _brings(_coupon(percent_off=50), seats=1, each=701) == 351


def test_of_a_year_it_is_the_twelfth_part_after_the_discount() -> None:
    assert _brings(seats=1, each=7000, interval="year") == 583  # 583.3
    assert _brings(_coupon(percent_off=10), seats=10, each=7000, interval="year") == 5250
    assert _brings(seats=1, each=7002, interval="year") == 584  # 583.5
