"""The kinds of items. A new kind (quiz, assignment, ...) is one entry here, made by the app that owns it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from apps.courses.bodies import Body, lesson_body

COURSE = None  # the place of an item that stands in the course itself


@dataclass(frozen=True, slots=True)
class ItemKind:
    """How one kind of item behaves in drafts and versions.

    ``parents``: kinds it may stand in; ``COURSE`` is the top. ``body``: makes the stored body of what was sent, or
    None where the kind has no body. ``counts``: whether learners open and complete it.
    """

    key: str
    label: str
    parents: frozenset[str | None]
    body: Callable[[Any], Body] | None
    counts: bool


_REGISTRY: dict[str, ItemKind] = {}


def register(kind: ItemKind) -> ItemKind:
    """Make ``kind`` known. Raises ValueError where the key is taken by another definition."""
    if _REGISTRY.setdefault(kind.key, kind) is not kind:
        raise ValueError(f"the item kind {kind.key!r} is registered twice")
    return kind


def kinds() -> Mapping[str, ItemKind]:
    """Return every known kind by its key."""
    return _REGISTRY


MODULE = register(ItemKind("module", "Module", frozenset({COURSE}), None, counts=False))
LESSON = register(ItemKind("lesson", "Lesson", frozenset({"module"}), lesson_body, counts=True))
