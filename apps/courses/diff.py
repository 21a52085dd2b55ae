"""The difference between two trees of items, in words that an author reads before publishing.

Positions are compared among the siblings that both trees have, by the longest run that kept its order: else one
inserted lesson would read as twenty moved ones.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from apps.courses.dto import Change, OutlineItem


def compare(old: Sequence[OutlineItem], new: Sequence[OutlineItem]) -> list[Change]:
    """Return what changed between two trees in reading order: first what is gone, then in reading order."""
    before = {entry.item: entry for entry in old}
    after = {entry.item: entry for entry in new}
    changes = [
        Change("removed", entry.item, entry.kind, entry.title, f"{_name(entry)} was removed.")
        for entry in old
        if entry.item not in after
    ]
    shifted = _reordered(old, new, before, after)
    for entry in new:
        if entry.item in before:
            changes += _edited(before[entry.item], entry, after, moved_within=entry.item in shifted)
        else:
            changes.append(Change("added", entry.item, entry.kind, entry.title, f"{_name(entry)} was added."))
    return changes


def longest_run(places: Sequence[int]) -> set[int]:
    """Return the indexes of a longest increasing run of ``places``, found in O(n log n) (patience sorting)."""
    tails: list[int] = []
    tail_at: list[int] = []
    previous: list[int] = []
    for index, place in enumerate(places):
        slot = bisect_left(tails, place)
        previous.append(tail_at[slot - 1] if slot else -1)
        if slot == len(tails):
            tails.append(place)
            tail_at.append(index)
        else:
            tails[slot] = place
            tail_at[slot] = index
    run: set[int] = set()
    index = tail_at[-1] if tail_at else -1
    while index >= 0:
        run.add(index)
        index = previous[index]
    return run


def _reordered(
    old: Sequence[OutlineItem],
    new: Sequence[OutlineItem],
    before: Mapping[UUID, OutlineItem],
    after: Mapping[UUID, OutlineItem],
) -> set[UUID]:
    """Return the items that stayed with their parent and left the order of their common siblings."""
    place_of = {entry.item: place for place, entry in enumerate(old)}
    siblings: dict[UUID | None, list[UUID]] = {}
    for entry in new:
        known = before.get(entry.item)
        if known is not None and known.parent == entry.parent:
            siblings.setdefault(entry.parent, []).append(entry.item)
    moved: set[UUID] = set()
    for items in siblings.values():
        kept = longest_run([place_of[item] for item in items])
        moved.update(item for place, item in enumerate(items) if place not in kept)
    return moved


def _edited(
    old: OutlineItem, new: OutlineItem, after: Mapping[UUID, OutlineItem], *, moved_within: bool
) -> Iterator[Change]:
    def change(kind: str, words: str) -> Change:
        return Change(kind, new.item, new.kind, new.title, words)  # type: ignore[arg-type]

    if old.title != new.title:
        yield change("renamed", f"{_name(old)} is now called “{new.title}”.")
    if old.parent != new.parent:
        holder = after.get(new.parent) if new.parent else None
        yield change("moved", f"{_name(new)} moved to “{holder.title}”." if holder else f"{_name(new)} moved.")
    elif moved_within:
        yield change("reordered", f"{_name(new)} stands in another place.")
    if old.asset_id != new.asset_id:
        yield change("media", _media_words(old, new))
    elif old.content_sha256 != new.content_sha256:
        yield change("content", f"The text of {_name(new, middle=True)} changed.")
    if old.rule != new.rule:
        yield change("rule", _rule_words(old, new))
    if old.required != new.required:
        yield change("required", f"{_name(new)} is {'now required' if new.required else 'no longer required'}.")


def _media_words(old: OutlineItem, new: OutlineItem) -> str:
    if old.asset_id is None:
        return f"{_name(new)} has a video now."
    if new.asset_id is None:
        return f"{_name(new)} has no video any more."
    return f"The video of {_name(new, middle=True)} was replaced."


def _rule_words(old: OutlineItem, new: OutlineItem) -> str:
    if old.rule.kind == new.rule.kind == "watched":
        word = "stricter" if new.rule.permille > old.rule.permille else "looser"
        return (
            f"{_name(new)} is {word} to complete: {new.rule.permille / 10:g} % of the video"
            f" instead of {old.rule.permille / 10:g} %."
        )
    return f"{_name(new)} is completed in another way: {new.rule.words}"


def _name(entry: OutlineItem, *, middle: bool = False) -> str:
    kind = entry.kind if middle else entry.kind.capitalize()
    return f"the {kind} “{entry.title}”" if middle else f"{kind} “{entry.title}”"
