"""Plain data that crosses into other apps."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Caption:
    """A caption track. ``url`` can be read by whoever was handed it, for some hours, within the organization."""

    id: UUID
    language: str
    label: str
    kind: str
    is_default: bool
    url: str


@dataclass(frozen=True, slots=True)
class TimelineInfo:
    """One cut of an asset."""

    id: UUID
    asset_id: UUID
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Video:
    """An asset as courses and players need it. ``timeline_id`` and ``duration_ms`` are None until it was looked at."""

    asset_id: UUID
    title: str
    kind: str
    state: str
    timeline_id: UUID | None
    duration_ms: int | None
    width: int | None
    height: int | None
    has_audio: bool
    rev: UUID | None
    poster_url: str | None
    captions: tuple[Caption, ...] = ()
    chapters: tuple[dict[str, Any], ...] = field(default=())

    @property
    def is_playable(self) -> bool:
        return self.state in ("playable", "ready")
