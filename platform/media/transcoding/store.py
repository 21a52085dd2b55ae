"""Where a stage puts what it makes: the two verbs that it needs of an object store."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

IMMUTABLE = "public, max-age=31536000, immutable"
GROWING = "public, max-age=1"

CONTENT_TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".m4s": "video/iso.segment",
    ".mp4": "video/mp4",
    ".jpg": "image/jpeg",
    ".json": "application/json",
}


class Store(Protocol):
    """Writes of one revision. ``name`` is relative to the revision's prefix. Raises ``OSError`` subclasses or the
    store's own errors; both count as a storage that did not answer."""

    def put_file(self, name: str, path: Path, *, content_type: str, cache_control: str) -> None: ...

    def put_bytes(self, name: str, body: bytes, *, content_type: str, cache_control: str) -> None: ...


def content_type(name: str) -> str:
    """The media type that a file of ours is served as."""
    return CONTENT_TYPES[name[name.rindex(".") :]]
