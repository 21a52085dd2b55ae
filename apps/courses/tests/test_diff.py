from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from apps.courses.diff import compare, longest_run
from apps.courses.dto import CompletionRule, OutlineItem
from core.ids import new_id


def _module(title: str) -> OutlineItem:
    return OutlineItem(new_id(), None, "module", title, CompletionRule(), required=False)


def _lesson(title: str, parent: UUID) -> OutlineItem:
    return OutlineItem(new_id(), parent, "lesson", title, CompletionRule("viewed"), required=True)


def _course() -> list[OutlineItem]:
    module = _module("Basics")
    return [module, *(_lesson(f"Lesson {n}", module.item) for n in range(20))]


def test_equal_trees_have_no_difference() -> None:
    tree = _course()
    assert compare(tree, list(tree)) == []


def test_one_inserted_lesson_reads_as_one_addition() -> None:
    old = _course()
    added = _lesson("New", old[0].item)
    changes = compare(old, [*old[:1], added, *old[1:]])
    assert [(change.kind, change.words) for change in changes] == [("added", "Lesson “New” was added.")]


def test_one_dragged_lesson_reads_as_one_move() -> None:
    old = _course()
    new = [*old[:1], old[-1], *old[1:-1]]
    assert [(change.kind, change.item) for change in compare(old, new)] == [("reordered", old[-1].item)]


def test_edits_are_told_in_words() -> None:
    old = _course()
    second = _module("More")
    new = [
        replace(old[0], title="Foundations"),
        replace(old[1], rule=CompletionRule("manual")),
        replace(old[2], required=False),
        replace(old[3], content_sha256="x"),
        replace(old[4], asset_id=new_id()),
        *old[6:],
        second,
        replace(old[5], parent=second.item),
    ]
    words = [change.words for change in compare(old, new)]
    assert words == [
        "Module “Basics” is now called “Foundations”.",
        "Lesson “Lesson 0” is completed in another way: Mark this lesson as done when you have finished it.",
        "Lesson “Lesson 1” is no longer required.",
        "The text of the lesson “Lesson 2” changed.",
        "Lesson “Lesson 3” has a video now.",
        "Module “More” was added.",
        "Lesson “Lesson 4” moved to “More”.",
    ]


def test_a_stricter_rule_is_called_stricter() -> None:
    module = _module("M")
    old = replace(_lesson("L", module.item), rule=CompletionRule("watched", 500))
    new = replace(old, rule=CompletionRule("watched", 900))
    assert compare([module, old], [module, new])[0].words == (
        "Lesson “L” is stricter to complete: 90 % of the video instead of 50 %."
    )


@given(st.permutations(range(12)))
def test_the_longest_run_is_increasing_and_no_shorter_than_the_root(places: list[int]) -> None:
    run = sorted(longest_run(places))
    kept = [places[index] for index in run]
    assert kept == sorted(kept)
    # Erdős-Szekeres: of n numbers there is a monotone run of at least the root of n, in one direction.
    assert max(len(kept), len(longest_run(places[::-1]))) >= 4
