"""The invariants of progress (I1-I6, I11, I12), over random histories."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from apps.courses.dto import CompletionRule, OutlineItem, VersionOutline
from apps.progress.reducer import Fact, History, Watched, meets_any_rule, reduce
from apps.progress.tests.histories import Story
from core.ids import new_id

seeds = st.integers(0, 2**32 - 1)
lengths = st.integers(1, 40)


def _story(seed: int, steps: int) -> Story:
    story = Story.begin(seed)
    for _ in range(steps):
        story.step()
    return story


@given(seeds, lengths)
@example(7, 40)
@example(1234, 40)
@settings(max_examples=150, deadline=None)
def test_facts_and_maps_only_grow_and_completion_stays(seed: int, steps: int) -> None:
    story = Story.begin(seed)
    for _ in range(steps):
        facts, maps, completed = (
            set(story.facts),
            {key: set(value) for key, value in story.maps.items()},
            story.completed,
        )
        story.step()
        assert facts <= set(story.facts)
        assert all(value <= story.maps[key] for key, value in maps.items())
        assert story.completed or not completed
        if story.completed:
            assert reduce(story.history()).percent_permille == 1000


@given(seeds, lengths)
@settings(max_examples=150, deadline=None)
def test_a_fact_counts_in_every_version_that_has_the_item(seed: int, steps: int) -> None:
    story = _story(seed, steps)
    for outline in story.versions:
        story.move(outline)
        items = reduce(story.history()).items
        for fact in story.facts:
            entry = outline.by_item.get(fact.item)
            if entry is not None and fact.epoch >= entry.epoch:
                assert items[fact.item].state == "completed"


@given(seeds, lengths)
@settings(max_examples=150, deadline=None)
def test_there_and_back_again_loses_nothing(seed: int, steps: int) -> None:
    story = _story(seed, steps)
    here = story.placements[-1]
    before = reduce(story.history())
    done = {entry.item for entry in here.lessons if before.items[entry.item].state == "completed"}
    for outline in story.versions:
        story.move(outline)
    story.move(here)
    after = reduce(story.history())
    assert after.percent_permille >= before.percent_permille
    assert done <= {item for item, state in after.items.items() if state.state == "completed"}


@given(seeds, lengths)
@settings(max_examples=150, deadline=None)
def test_without_a_move_the_percent_never_falls(seed: int, steps: int) -> None:
    story = Story.begin(seed)
    for _ in range(steps):
        before, placed = reduce(story.history()), len(story.placements)
        story.step()
        after = reduce(story.history())
        if len(story.placements) == placed:
            assert after.percent_permille >= before.percent_permille
            for item, state in before.items.items():
                assert after.items[item].percent_permille >= state.percent_permille


@given(seeds, lengths, st.randoms(use_true_random=False))
@settings(max_examples=300, deadline=None)
def test_where_an_item_stands_does_not_depend_on_when_reports_and_moves_arrive(
    seed: int, steps: int, random: Random
) -> None:
    story = _story(seed, steps)
    plays = [(key, second) for key, seconds in story.maps.items() for second in seconds]
    moves = story.placements[1:]

    def told(schedule: list[bool]) -> Story:
        again = Story(Random(0), placements=story.placements[:1])
        late, ahead = iter(plays), iter(moves)
        for is_move in schedule:
            if is_move:
                again.placements.append(next(ahead))
            else:
                key, second = next(late)
                again.maps.setdefault(key, set()).add(second)
            again.settle()
        return again

    schedule = [True] * len(moves) + [False] * len(plays)
    other = schedule[:]
    random.shuffle(other)
    assert reduce(told(schedule).history()).items == reduce(told(other).history()).items


@given(seeds, lengths)
@example(9004, 21)  # a credit that was made a fact credited further items
@settings(max_examples=150, deadline=None)
def test_recording_again_changes_nothing_and_the_rebuild_agrees(seed: int, steps: int) -> None:
    story = _story(seed, steps)
    progress = reduce(story.history())
    assert progress.earned == ()
    story.facts = [*story.facts, *story.facts]
    assert reduce(story.history()) == progress
    full = {item for item, state in progress.items.items() if state.percent_permille == 1000}
    assert full == {item for item, state in progress.items.items() if state.state == "completed"}


def _lesson(**changes: object) -> OutlineItem:
    base = OutlineItem(new_id(), None, "lesson", "L", CompletionRule("watched", 900), required=True, asset_id=new_id())
    return replace(base, **changes)  # type: ignore[arg-type]


def _version(*lessons: OutlineItem) -> VersionOutline:
    return VersionOutline(new_id(), new_id(), 1, lessons)


def test_a_stricter_rule_holds_nobody_to_more_than_the_version_they_began_on() -> None:
    lesson = _lesson(rule=CompletionRule("watched", 500))
    easy, strict = _version(lesson), _version(replace(lesson, rule=CompletionRule("watched", 1000)))
    half = Watched(lesson.asset_id, 0, 50, 100)  # type: ignore[arg-type]
    assert reduce(History([easy, strict], watched=[half])).items[lesson.item].state == "completed"
    assert reduce(History([strict], watched=[half])).items[lesson.item].state == "started"


def test_a_lesson_to_be_redone_is_open_again_and_its_old_fact_stays() -> None:
    lesson = _lesson(asset_id=None, rule=CompletionRule("manual"))
    fact = Fact(lesson.item, 0, "completed")
    again = replace(lesson, epoch=1)
    assert reduce(History([_version(again)], facts=[fact])).items[lesson.item].state == "open"
    assert reduce(History([_version(lesson)], facts=[fact])).items[lesson.item].state == "completed"


def test_a_removed_lesson_counts_for_nothing_and_returns_with_the_item() -> None:
    first, second = _lesson(), _lesson()
    both, one = _version(first, second), _version(first)
    fact = Fact(second.item, 0, "completed")
    assert reduce(History([both, one], facts=[fact])).percent_permille == 0
    assert reduce(History([both, one, both], facts=[fact])).percent_permille == 500


def test_whoever_completed_both_halves_has_completed_the_merged_lesson() -> None:
    one, two = _lesson(), _lesson()
    merged = _lesson(credits=((one.item, two.item),))
    half = [Fact(one.item, 0, "completed")]
    whole = [*half, Fact(two.item, 0, "completed")]
    assert reduce(History([_version(merged)], facts=half)).items[merged.item].state == "open"
    assert reduce(History([_version(merged)], facts=whole)).items[merged.item].state == "completed"


def test_percent_is_weighted_and_rounded_down() -> None:
    light, heavy = _lesson(weight=1), _lesson(weight=2)
    done = [Fact(light.item, 0, "completed")]
    assert reduce(History([_version(light, heavy)], facts=done)).percent_permille == 333


def test_optional_lessons_count_only_where_nothing_is_required() -> None:
    required, optional = _lesson(), _lesson(required=False)
    done = [Fact(optional.item, 0, "completed")]
    assert reduce(History([_version(required, optional)], facts=done)).percent_permille == 0
    assert reduce(History([_version(optional)], facts=done)).is_complete


def test_an_empty_course_is_never_complete() -> None:
    progress = reduce(History([_version()]))
    assert (progress.is_complete, progress.percent_permille, progress.next_item) == (False, 0, None)


@pytest.mark.parametrize(
    ("covered", "state", "percent"), [(0, "started", 0), (89, "started", 890), (90, "completed", 1000)]
)
def test_a_rule_is_met_at_its_share_and_not_before(covered: int, state: str, percent: int) -> None:
    lesson = _lesson()
    watched = Watched(lesson.asset_id, 0, covered, 100)  # type: ignore[arg-type]
    found = reduce(History([_version(lesson)], watched=[watched])).items[lesson.item]
    assert (found.state, found.percent_permille) == (state, percent)
    assert meets_any_rule(lesson.item, 0, [_version(lesson)], watched) is (state == "completed")


def test_a_fully_watched_lesson_that_waits_for_a_mark_is_not_full() -> None:
    lesson = _lesson(rule=CompletionRule("manual"))
    watched = Watched(lesson.asset_id, 0, 100, 100)  # type: ignore[arg-type]
    found = reduce(History([_version(lesson)], watched=[watched])).items[lesson.item]
    assert (found.state, found.percent_permille) == ("started", 999)


def test_next_is_what_was_played_last_and_is_not_finished() -> None:
    first, second, third = _lesson(), _lesson(), _lesson()
    outline = _version(first, second, third)
    half = Watched(second.asset_id, 0, 10, 100, heard_at=5)  # type: ignore[arg-type]
    older = Watched(first.asset_id, 0, 10, 100, heard_at=4)  # type: ignore[arg-type]
    whole = Watched(third.asset_id, 0, 100, 100, heard_at=6)  # type: ignore[arg-type]
    assert reduce(History([outline], watched=[older, half, whole])).next_item == second.item
    assert reduce(History([outline], watched=[whole])).next_item == first.item
