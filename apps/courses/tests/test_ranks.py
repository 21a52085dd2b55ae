from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.courses.ranks import FIRST, between


@given(st.lists(st.integers(min_value=0, max_value=10**6), max_size=120))
def test_a_rank_fits_between_any_two_neighbours_and_keeps_the_order(places: list[int]) -> None:
    ranks: list[str] = []
    for place in places:
        at = place % (len(ranks) + 1)
        before = ranks[at - 1] if at else None
        after = ranks[at] if at < len(ranks) else None
        ranks.insert(at, between(before, after))
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == len(ranks)


def test_appending_five_hundred_lessons_keeps_ranks_short() -> None:
    rank = FIRST
    for _ in range(500):
        rank = between(rank, None)
    assert len(rank) == 3


def test_prepending_keeps_ranks_short() -> None:
    rank = FIRST
    for _ in range(5_000):
        rank = between(None, rank)
    assert len(rank) <= 4


def test_inserting_at_one_place_a_thousand_times_still_finds_room() -> None:
    low, high = between(None, None), between(FIRST, None)
    for _ in range(1_000):
        high = between(low, high)
        assert low < high
    assert len(high) <= 250


@pytest.mark.parametrize(("before", "after"), [("a1", "a1"), ("a2", "a1"), ("a10", None), ("", None), ("!0", None)])
def test_a_pair_without_room_is_refused(before: str, after: str | None) -> None:
    with pytest.raises(ValueError):
        between(before, after)
