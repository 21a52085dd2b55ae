"""Facts of the media service. Payloads are ids and figures; words for people are looked up by ``code``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from events.api import DomainEvent


@dataclass(frozen=True)
class UploadReceived(DomainEvent):
    """The file lies whole in the object store."""

    type = "lms.media.upload.received.v1"

    upload: UUID
    asset: UUID
    bytes: int


@dataclass(frozen=True)
class UploadProbed(DomainEvent):
    """What kind of film it is. ``width`` and ``height`` are None for sound alone."""

    type = "lms.media.upload.probed.v1"

    upload: UUID
    asset: UUID
    duration_ms: int
    width: int | None
    height: int | None
    has_audio: bool
    language: str | None


@dataclass(frozen=True)
class RevisionPublished(DomainEvent):
    """An encode can be played. Told again with ``growing`` false once a growing one is whole."""

    type = "lms.media.revision.published.v1"

    asset: UUID
    rev: UUID
    upload: UUID
    stage: str
    duration_ms: int
    bytes: int
    growing: bool
    has_poster: bool
    renditions: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class StageFailed(DomainEvent):
    """A stage was given up. ``retryable``: the source is still there and trying again may help."""

    type = "lms.media.revision.failed.v1"

    asset: UUID
    upload: UUID
    stage: str
    code: str
    title: str
    detail: str
    retryable: bool
