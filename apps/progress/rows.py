"""The rows of progress as they are read and written: plain, frozen values."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.progress.dto import ItemState, ProgressSummary
from apps.progress.reducer import Fact, Watched
from apps.progress.watch import Seconds, load


@dataclass(frozen=True, slots=True)
class MapRow:
    """A watch map as the reducer and the rebuild need it."""

    watched: Watched
    timeline_id: UUID
    seconds: Seconds


@dataclass(frozen=True, slots=True)
class Played:
    """A watch map as pages show it. Ids stay text and spans stay JSON: they go out as they came in."""

    asset: str
    timeline: str
    heard_at: float
    position_seconds: float
    spans: list[list[int]]


@dataclass(frozen=True, slots=True)
class Standing:
    """The stored progress of an enrollment, and for which version and by which reducer it was computed."""

    summary: ProgressSummary
    version_id: UUID | None
    reducer: int | None

    def is_of(self, version_id: UUID, reducer: int) -> bool:
        """Return whether this may be shown for ``version_id``: else it must be computed first."""
        return self.version_id == version_id and self.reducer == reducer


@dataclass(frozen=True, slots=True)
class Learning:
    """An enrollment with what the learner has done, as the outline and the lesson page need it."""

    enrollment_id: UUID
    course_id: UUID
    version_id: UUID
    state: str
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    course_title: str
    course_slug: str
    course_summary: str
    placement_no: int
    standing: Standing
    items: dict[str, ItemState]
    played: tuple[Played, ...]
    video: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Sitting:
    """What must be known before a beacon can be judged. Map fields are None before the first one of a timeline."""

    version_id: UUID
    state: str
    started_at: datetime | None
    placements: tuple[UUID, ...]
    session_is_foreign: bool
    is_duplicate: bool
    since: datetime
    item: ItemState
    standing: Standing
    map_asset_id: UUID | None
    map_required: int | None
    map_covered: int
    map_seconds: Seconds


@dataclass(frozen=True, slots=True)
class Fold:
    """One beacon, judged: what is written of it."""

    session_id: UUID
    seq: int
    enrollment_id: UUID
    item_id: UUID
    timeline_id: UUID
    asset_id: UUID
    epoch: int
    placement_no: int
    required: int
    spans: Seconds
    seconds: Seconds
    played: int
    clipped: bool
    position: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that the reducer reads, as it was under the lock."""

    version_id: UUID
    member_id: UUID
    course_id: UUID
    completed_at: datetime | None
    placements: tuple[UUID, ...]
    facts: tuple[Fact, ...]
    maps: tuple[MapRow, ...]
    items: dict[UUID, ItemState]
    standing: Standing


def standing_of(row: Sequence[Any]) -> Standing:
    """Return what the columns of a stored progress say; nothing where the row is missing."""
    if row[0] is None:
        return Standing(ProgressSummary(), None, None)
    return Standing(ProgressSummary(*row[:5]), row[5], row[6])


def items_of(text: str | None) -> dict[str, ItemState]:
    """Return the item states of a JSON object of [state, permille] by item."""
    return {item: ItemState(*pair) for item, pair in json.loads(text).items()} if text else {}


def played_of(text: str | None) -> tuple[Played, ...]:
    """Return the maps of a JSON list, in the order in which ``store`` selects their columns for pages."""
    return tuple([Played(*columns) for columns in json.loads(text)]) if text else ()


def maps_of(text: str | None) -> tuple[MapRow, ...]:
    """Return the maps of a JSON list, in the order in which ``store`` selects their columns for the reducer."""
    return tuple(
        MapRow(Watched(UUID(asset), epoch, covered, required, heard_at), UUID(timeline), load(seconds))
        for asset, timeline, heard_at, epoch, covered, required, seconds in json.loads(text or "[]")
    )
