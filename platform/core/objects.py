"""What the product asks of the object store. ``media.aws`` answers; ``settings.OBJECT_STORE`` names the answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string


class ObjectGone(Exception):
    """There is no object of this key."""


class ObjectExists(Exception):
    """There is an object of this key already, and it was not to be replaced."""


class UploadGone(Exception):
    """There is no such multipart upload: it was completed, given up or swept away."""


class PartsRefused(Exception):
    """The store does not complete the upload of these parts: one is missing, wrong, or too small."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object as the store knows it. ``etag`` has no quotes."""

    key: str
    size_bytes: int
    etag: str
    content_type: str = ""
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredPart:
    """A part that arrived whole. ``sha256`` in base64, as it was sent."""

    number: int
    size_bytes: int
    etag: str
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class PresignedRequest:
    """A request a browser may make, exactly so: any other length, body or header is refused."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)


class ObjectBody(Protocol):
    """An object being read: what it is, and its bytes in pieces."""

    info: StoredObject
    cache_control: str

    def pieces(self, size: int = 1 << 20) -> Iterator[bytes]:
        """Yield the bytes, at most ``size`` at a time."""


class ObjectStore(Protocol):
    """The bucket of this installation.

    Every method may raise :class:`core.errors.Unavailable` when the store does not answer.
    """

    def ensure_bucket(self) -> None:
        """Make the bucket where it is missing."""

    # -- multipart uploads by a browser

    def begin_upload(self, key: str, *, content_type: str) -> str:
        """Begin a multipart upload whose parts carry SHA-256 checksums; return its id."""

    def presign_part(
        self, key: str, upload_id: str, number: int, *, size_bytes: int, sha256: str, seconds: int = 900
    ) -> PresignedRequest:
        """Return the request that uploads one part of this size and SHA-256 (base64)."""

    def parts(self, key: str, upload_id: str) -> list[StoredPart]:
        """Return the parts that arrived, by number.

        Raises:
            UploadGone: there is no such upload.
        """

    def complete_upload(self, key: str, upload_id: str, parts: Iterable[StoredPart]) -> StoredObject:
        """Make the object of these parts.

        Raises:
            UploadGone: there is no such upload.
            PartsRefused: the store does not take these parts.
        """

    def abort_upload(self, key: str, upload_id: str) -> None:
        """Give an upload up; no error where there is none."""

    def put_part(self, key: str, upload_id: str, number: int, content: bytes) -> StoredPart:
        """Store one part of an upload of our own. Every part but the last has at least 5 MiB.

        Raises:
            UploadGone: there is no such upload.
        """

    def abort_uploads(self, prefix: str) -> int:
        """Give up every upload whose key begins with ``prefix`` (which must end with a slash); return how many."""

    # -- objects

    def head(self, key: str) -> StoredObject:
        """Return what is known of an object.

        Raises:
            ObjectGone: there is none.
        """

    def put_file(
        self, key: str, path: Path, *, content_type: str, cache_control: str = "", if_absent: bool = False
    ) -> StoredObject:
        """Store a file.

        Raises:
            ObjectExists: ``if_absent`` and there is one.
        """

    def put_bytes(
        self, key: str, content: bytes, *, content_type: str, cache_control: str = "", if_absent: bool = False
    ) -> StoredObject:
        """Store a few bytes.

        Raises:
            ObjectExists: ``if_absent`` and there is one.
        """

    def download(self, key: str, path: Path) -> None:
        """Write an object to a file.

        Raises:
            ObjectGone: there is none.
        """

    def read(self, key: str, *, start: int = 0, length: int | None = None) -> bytes:
        """Return some of an object's bytes.

        Raises:
            ObjectGone: there is none.
        """

    def open(self, key: str) -> ObjectBody:
        """Begin to read an object of any size without holding it.

        Raises:
            ObjectGone: there is none.
        """

    def presign_get(self, key: str, *, seconds: int = 300, file_name: str = "") -> str:
        """Return a URL that downloads an object, under ``file_name`` where one is given."""

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Yield the objects whose key begins with ``prefix``, by key."""

    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects; no error where there is none."""

    def delete_prefix(self, prefix: str) -> int:
        """Remove everything whose key begins with ``prefix`` (which must end with a slash); return how many."""


def object_store() -> ObjectStore:
    """Return the store of this installation."""
    found: ObjectStore = import_string(settings.OBJECT_STORE)()
    return found
