"""What other apps get to see of a course: plain, frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal
from uuid import UUID

RuleKind = Literal["watched", "viewed", "manual"]
FULL_PERMILLE = 1000


@dataclass(frozen=True, slots=True)
class CompletionRule:
    """What completes an item. ``permille`` is the share of the video that must have played; only for ``watched``."""

    kind: RuleKind = "viewed"
    permille: int = FULL_PERMILLE

    @property
    def words(self) -> str:
        """The rule as the learner reads it."""
        if self.kind == "watched":
            percent = self.permille / 10
            share = "the whole video" if self.permille >= FULL_PERMILLE else f"{percent:g} % of the video"
            return f"Watch {share} to complete this lesson."
        if self.kind == "manual":
            return "Mark this lesson as done when you have finished it."
        return "Open this lesson to complete it."

    def is_met_by(self, covered_seconds: int, required_seconds: int) -> bool:
        """Return whether playing ``covered_seconds`` of ``required_seconds`` alone meets this rule."""
        return (
            self.kind == "watched"
            and required_seconds > 0
            and covered_seconds * FULL_PERMILLE >= self.permille * required_seconds
        )


@dataclass(frozen=True, slots=True)
class OutlineItem:
    """One module or lesson of a version. ``credits``: completing every item of one of these groups credits this one."""

    item: UUID
    parent: UUID | None
    kind: str
    title: str
    rule: CompletionRule
    required: bool
    weight: int = 1
    epoch: int = 0
    content_sha256: str | None = None
    asset_id: UUID | None = None
    duration_ms: int | None = None
    credits: tuple[tuple[UUID, ...], ...] = ()

    @property
    def medium(self) -> str:
        """What a learner meets: a video, or text alone."""
        return "video" if self.asset_id else "text"

    def as_json(self) -> dict[str, Any]:
        """Return the item as every page shows it: what does not depend on who reads."""
        return {
            "item": str(self.item),
            "title": self.title,
            "kind": self.medium,
            "duration_ms": self.duration_ms,
            "required": self.required,
        }


@dataclass(frozen=True, slots=True)
class OutlineLine:
    """A lesson as an outline shows it to anybody; ids are text, as they come from and go to JSON."""

    item: str
    asset: str | None
    shown: Mapping[str, Any]


@dataclass(frozen=True)
class VersionOutline:
    """The whole tree of one version, in reading order. A version never changes, so this may be kept for ever."""

    version_id: UUID
    course_id: UUID
    number: int
    items: tuple[OutlineItem, ...]

    @cached_property
    def by_item(self) -> Mapping[UUID, OutlineItem]:
        """Every item by its lasting id."""
        return {entry.item: entry for entry in self.items}

    @cached_property
    def lessons(self) -> tuple[OutlineItem, ...]:
        """What a learner opens, in reading order: everything but modules."""
        return tuple(entry for entry in self.items if entry.kind != "module")

    @cached_property
    def modules(self) -> tuple[tuple[OutlineItem, tuple[OutlineItem, ...]], ...]:
        """Each module with its lessons, in reading order."""
        held: dict[UUID | None, list[OutlineItem]] = {}
        for entry in self.lessons:
            held.setdefault(entry.parent, []).append(entry)
        return tuple((entry, tuple(held.get(entry.item, ()))) for entry in self.items if entry.kind == "module")

    @cached_property
    def lines(self) -> tuple[tuple[Mapping[str, Any], tuple[OutlineLine, ...]], ...]:
        """Each module with its lessons, ready for JSON: made once, since a version never changes."""
        return tuple(
            (
                {"item": str(module.item), "title": module.title},
                tuple(
                    OutlineLine(str(entry.item), str(entry.asset_id) if entry.asset_id else None, entry.as_json())
                    for entry in lessons
                ),
            )
            for module, lessons in self.modules
        )

    @cached_property
    def neighbours(self) -> Mapping[UUID, tuple[UUID | None, UUID | None]]:
        """The lesson before and the lesson after each lesson."""
        ids = [entry.item for entry in self.lessons]
        return {
            item: (ids[place - 1] if place else None, ids[place + 1] if place + 1 < len(ids) else None)
            for place, item in enumerate(ids)
        }


@dataclass(frozen=True, slots=True)
class CourseCard:
    """A course as lists show it."""

    id: UUID
    slug: str
    title: str
    summary: str
    state: str
    visibility: str
    current_version_id: UUID | None


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two trees, in words."""

    kind: Literal["added", "removed", "renamed", "moved", "reordered", "content", "media", "rule", "required"]
    item: UUID
    item_kind: str
    title: str
    words: str
    details: Mapping[str, Any] = field(default_factory=dict)
