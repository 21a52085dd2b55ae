"""Plain data that crosses into other packages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from media.edge.interface import GrantCookie


@dataclass(frozen=True, slots=True)
class ReceivedPart:
    number: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class UploadInfo:
    """An upload as its owner sees it. ``received`` is what the object store holds now."""

    id: UUID
    asset_id: UUID
    name: str
    fingerprint: str
    size_bytes: int
    part_bytes: int
    parts: int
    state: str
    expires_at: datetime
    received: tuple[ReceivedPart, ...] = ()


@dataclass(frozen=True, slots=True)
class SignedPart:
    """Where and with which headers the browser puts one part."""

    number: int
    url: str
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Waits:
    """Why a stage does not begin, in words for who uploaded it."""

    code: str
    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class StageInfo:
    """One stage of an asset's conversion, as far as it is."""

    name: str
    state: str
    progress_permille: int
    eta_seconds: int | None = None
    waits: Waits | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """Leave to play one revision until ``expires_at``; to be renewed from ``renew_at`` on.

    The answer that hands it out sets ``cookies``; for ``kind`` query the URLs carry the signature themselves, and
    ``query`` is what to add to every other request below the manifest.
    """

    sid: UUID
    asset_id: UUID
    rev: UUID
    manifest_url: str
    poster_url: str | None
    expires_at: datetime
    renew_at: datetime
    kind: str
    cookies: tuple[GrantCookie, ...]
    query: str | None
