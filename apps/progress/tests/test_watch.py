from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.progress import watch
from apps.progress.watch import PlayedSpan, Seconds

_spans = st.builds(lambda a, n: (a, a + n), st.integers(0, 400), st.integers(0, 40))
_sets = st.lists(_spans, max_size=12).map(lambda spans: watch.union(spans))


def _points(seconds: Seconds) -> set[int]:
    return {second for start, end in seconds for second in range(start, end)}


@given(st.lists(st.lists(_spans, max_size=6), max_size=6), st.randoms())
def test_a_union_holds_the_same_seconds_in_any_order_and_however_often(parts: list[Seconds], random: object) -> None:
    once = watch.union(*parts)
    shuffled = [*parts, *parts]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert watch.union(*shuffled) == once
    assert _points(once) == {second for part in parts for second in _points(part)}
    assert watch.length(once) == len(_points(once))
    assert all(before[1] < after[0] for before, after in pairwise(once))


@given(_sets, _sets)
def test_a_union_never_shrinks(one: Seconds, other: Seconds) -> None:
    assert _points(one) <= _points(watch.union(one, other))


@given(_sets)
def test_the_text_of_a_set_reads_back(seconds: Seconds) -> None:
    assert watch.load(watch.dump(seconds)) == seconds


@given(
    st.lists(st.builds(PlayedSpan, *[st.floats(-50, 900)] * 2, st.floats(-1, 20)), max_size=8),
    st.integers(1, 600),
    st.floats(0, 3600),
)
def test_nothing_is_credited_beyond_the_video_or_the_time_that_passed(
    spans: list[PlayedSpan], required: int, passed: float
) -> None:
    credited = watch.credit(spans, required=required, since_last_seconds=passed)
    assert credited.played_seconds <= 30 + passed * watch.MAX_SPEED
    assert all(0 <= start < end <= required for start, end in credited.spans)


def test_an_honest_report_is_credited_whole_and_joins_the_next() -> None:
    first = watch.credit([PlayedSpan(0, 12.4)], required=600, since_last_seconds=12.4)
    second = watch.credit([PlayedSpan(12.4, 24.9)], required=600, since_last_seconds=12.5)
    assert (first.clipped, second.clipped) == (False, False)
    assert watch.union(first.spans, second.spans) == ((0, 25),)


def test_a_report_of_an_hour_made_in_a_minute_is_cut_and_flagged() -> None:
    credited = watch.credit([PlayedSpan(0, 3600)], required=3600, since_last_seconds=60)
    assert credited.spans == ((0, 90),)
    assert credited.clipped


def test_double_speed_plays_twice_as_much_and_no_more() -> None:
    honest = watch.credit([PlayedSpan(0, 120, 2.0)], required=600, since_last_seconds=60)
    assert (honest.played_seconds, honest.clipped) == (120, False)
    boasted = watch.credit([PlayedSpan(0, 600, 16.0)], required=600, since_last_seconds=60)
    assert (boasted.played_seconds, boasted.clipped) == (30 + 60 * 3, True)
    usual = watch.credit([PlayedSpan(0, 600, 3.0)], required=600, since_last_seconds=60, speed_limit=watch.USUAL_SPEED)
    assert (usual.played_seconds, usual.clipped) == (30 + 60 * 2, True)


def test_many_crumbs_cost_as_much_as_they_cover() -> None:
    crumbs = [PlayedSpan(second, second + 0.01) for second in range(90)]
    credited = watch.credit(crumbs, required=600, since_last_seconds=1)
    assert credited.played_seconds <= 34
    assert credited.clipped


def test_repetition_is_kept_for_re_watch_counts() -> None:
    credited = watch.credit([PlayedSpan(0, 5), PlayedSpan(0, 5)], required=60, since_last_seconds=10)
    assert credited.spans == ((0, 5), (0, 5))
    assert credited.played_seconds == 10


@pytest.mark.parametrize(
    "span", [PlayedSpan(5, 5), PlayedSpan(9, 3), PlayedSpan(-1, 4), PlayedSpan(float("nan"), 4), PlayedSpan(0, 1e9)]
)
def test_a_span_that_cannot_be_is_flagged(span: PlayedSpan) -> None:
    assert watch.credit([span], required=60, since_last_seconds=0).clipped


@pytest.mark.parametrize(
    ("covered", "required", "share"), [(0, 10, 0), (1, 3, 333), (2999, 3000, 999), (3000, 3000, 1000), (5, 0, 0)]
)
def test_a_share_is_rounded_down(covered: int, required: int, share: int) -> None:
    assert watch.permille(covered, required) == share


def test_a_tail_of_less_than_a_second_need_not_be_watched() -> None:
    assert watch.required_seconds(10_999) == 10
    assert watch.required_seconds(300) == 1
