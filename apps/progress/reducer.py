"""From facts to progress: one pure function, and the only source of "percent", "done" and "next".

State is a function of what an enrollment has done and of the versions it has been on. Nothing is migrated when it
moves to another version, so no work can be lost, and moving back gives exactly what was there before.
Bump ``REDUCER`` when an answer changes: stored progress of an older number is computed anew when it is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from apps.courses.dto import FULL_PERMILLE, OutlineItem, VersionOutline
from apps.progress.dto import ItemState
from apps.progress.watch import permille

REDUCER = 1

FactKind = Literal["completed", "passed", "waived"]
_DONE: frozenset[str] = frozenset({"completed", "waived"})
_UNFINISHED_MAX = FULL_PERMILLE - 1
OPEN = ItemState()


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that was done with an item and stays done. ``epoch`` is the item's at that time."""

    item: UUID
    epoch: int
    kind: FactKind


@dataclass(frozen=True, slots=True)
class Watched:
    """The measure of one watch map: how many of the ``required`` seconds of an asset's timeline have played, and when
    (seconds since 1970) the server last heard of it."""

    asset_id: UUID
    epoch: int
    covered: int
    required: int
    heard_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Progress:
    """What :func:`reduce` says. ``earned`` are completions that follow from the maps and are not facts yet."""

    required: int
    done: int
    percent_permille: int
    next_item: UUID | None
    is_complete: bool
    items: Mapping[UUID, ItemState]
    earned: tuple[Fact, ...]


@dataclass(frozen=True)
class History:
    """Everything that progress depends on. ``placements``: every version the enrollment has been on, current last."""

    placements: Sequence[VersionOutline]
    facts: Sequence[Fact] = ()
    watched: Sequence[Watched] = ()
    is_completed: bool = False
    _facts_of: dict[UUID, list[Fact]] = field(init=False, repr=False, compare=False)
    _maps_of: dict[UUID, list[Watched]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        facts_of: dict[UUID, list[Fact]] = {}
        for fact in self.facts:
            facts_of.setdefault(fact.item, []).append(fact)
        maps_of: dict[UUID, list[Watched]] = {}
        for one in self.watched:
            maps_of.setdefault(one.asset_id, []).append(one)
        object.__setattr__(self, "_facts_of", facts_of)
        object.__setattr__(self, "_maps_of", maps_of)

    def with_facts(self, more: Sequence[Fact]) -> History:
        """Return this history with ``more`` done as well."""
        return History(self.placements, [*self.facts, *more], self.watched, self.is_completed) if more else self

    def has_done(self, item: UUID, epoch: int) -> bool:
        """Return whether a fact says that ``item`` is done in ``epoch`` or a later one."""
        return any(fact.kind in _DONE and fact.epoch >= epoch for fact in self._facts_of.get(item, ()))

    def maps(self, asset_id: UUID | None, epoch: int) -> list[Watched]:
        """Return the maps of an asset that count from ``epoch`` on."""
        if asset_id is None:
            return []
        return [one for one in self._maps_of.get(asset_id, ()) if one.epoch >= epoch]


def reduce(history: History) -> Progress:
    """Return the progress of an enrollment on its current version.

    A rule is met if it is met under any version the enrollment has been on: evaluating only the current one would
    make the answer depend on whether a late report arrived before or after a move.
    Items of earlier versions keep their state (they return if the item returns) and count for nothing.
    """
    current = history.placements[-1]
    states: dict[UUID, ItemState] = {}
    earned: list[Fact] = []
    for definition in definitions(history.placements).values():
        item, epoch = definition.item, definition.epoch
        state = item_state(definition, history)
        if state.state == "completed" and not history.has_done(item, epoch) and _meets_a_rule(item, epoch, history):
            earned.append(Fact(item, epoch, "completed"))
        states[definition.item] = state
    counted = counting(current)
    done = [entry for entry in counted if states[entry.item].state == "completed"]
    total = sum(entry.weight for entry in counted)
    percent = sum(entry.weight for entry in done) * FULL_PERMILLE // total if total else 0
    return Progress(
        required=len(counted),
        done=len(done),
        percent_permille=FULL_PERMILLE if history.is_completed else percent,
        next_item=_go_on(current, states, history),
        is_complete=bool(counted) and len(done) == len(counted),
        items=states,
        earned=tuple(earned),
    )


def definitions(placements: Sequence[VersionOutline]) -> dict[UUID, OutlineItem]:
    """Return every lesson of every placement, each as its latest version says it."""
    found: dict[UUID, OutlineItem] = {}
    for outline in placements:
        for entry in outline.lessons:
            found[entry.item] = entry
    return found


def counting(outline: VersionOutline) -> tuple[OutlineItem, ...]:
    """Return the lessons that the percent is made of: the required ones, or all where none is required."""
    required = tuple(entry for entry in outline.lessons if entry.required)
    return required or outline.lessons


def item_state(definition: OutlineItem, history: History) -> ItemState:
    """Return where the enrollment stands with one lesson as ``definition`` defines it now."""
    if _is_done(definition.item, definition.epoch, history) or _is_credited(definition, history):
        return ItemState("completed", FULL_PERMILLE)
    maps = history.maps(definition.asset_id, definition.epoch)
    if maps:
        return ItemState("started", max(unfinished_permille(one.covered, one.required) for one in maps))
    return OPEN


def unfinished_permille(covered: int, required: int) -> int:
    """Return the share to show while the rule is not met: never the full bar of a completed lesson."""
    return min(_UNFINISHED_MAX, permille(covered, required))


def meets_any_rule(item: UUID, epoch: int, placements: Iterable[VersionOutline], watched: Watched) -> bool:
    """Return whether ``watched`` alone completes ``item`` under any of the versions."""
    for outline in placements:
        entry = outline.by_item.get(item)
        if (
            entry is not None
            and entry.epoch >= epoch
            and entry.asset_id == watched.asset_id
            and watched.epoch >= epoch
            and entry.rule.is_met_by(watched.covered, watched.required)
        ):
            return True
    return False


def _go_on(current: VersionOutline, states: Mapping[UUID, ItemState], history: History) -> UUID | None:
    """Return where to go on: the unfinished lesson that was played last, else the first that is not completed."""
    newest, found = 0.0, None
    for entry in current.lessons:
        if states[entry.item].state == "started":
            heard = max((one.heard_at for one in history.maps(entry.asset_id, entry.epoch)), default=0.0)
            if heard > newest:
                newest, found = heard, entry.item
    if found is not None:
        return found
    return next((entry.item for entry in current.lessons if states[entry.item].state != "completed"), None)


def _is_done(item: UUID, epoch: int, history: History) -> bool:
    """Whether an item was done, or was watched enough under any version: what is a fact, or becomes one now."""
    return history.has_done(item, epoch) or _meets_a_rule(item, epoch, history)


def _meets_a_rule(item: UUID, epoch: int, history: History) -> bool:
    for outline in history.placements:
        entry = outline.by_item.get(item)
        if entry is None or entry.epoch < epoch:
            continue
        for one in history.maps(entry.asset_id, epoch):
            if entry.rule.is_met_by(one.covered, one.required):
                return True
    return False


def _is_credited(definition: OutlineItem, history: History) -> bool:
    """Splits and merges: whoever did what this item was made of has completed it. Credit is read from the versions
    each time and is never made a fact: a fact could credit further items, and the answer would depend on repetition."""
    return any(all(_is_done(item, 0, history) for item in group) for group in definition.credits if group)
