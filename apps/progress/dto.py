"""Progress as other apps and the API see it: plain, frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from apps.progress.watch import PlayedSpan, Seconds

State = Literal["open", "started", "completed"]


@dataclass(frozen=True, slots=True)
class ItemState:
    """Where a learner stands with one item. 1000 permille exactly when it is completed."""

    state: State = "open"
    percent_permille: int = 0


@dataclass(frozen=True, slots=True)
class ProgressSummary:
    """The one progress number of an enrollment. Of two answers the one with the higher ``revision`` is the newer."""

    revision: int = 0
    percent_permille: int = 0
    done: int = 0
    required: int = 0
    next_item: UUID | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the form of the API."""
        return {
            "revision": self.revision,
            "percent_permille": self.percent_permille,
            "done": self.done,
            "required": self.required,
            "next_item": str(self.next_item) if self.next_item else None,
        }


@dataclass(frozen=True, slots=True)
class Beacon:
    """One numbered report of a play session, as the player sends it. Seconds are of the video."""

    play_session: UUID
    seq: int
    item: UUID
    timeline: UUID
    spans: tuple[PlayedSpan, ...]
    position: float
    placement_no: int


@dataclass(frozen=True, slots=True)
class Standpoint:
    """Where the learner stands after something was recorded. ``watched``: the seconds of the video played so far."""

    item: ItemState
    progress: ProgressSummary
    watched: Seconds = ()
