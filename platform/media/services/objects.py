"""The object store as the use cases need it: one bucket, writes of one revision, downloads that let one breathe."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, TimeoutError
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from media.aws.s3 import object_store
from media.prefixes import INVENTORY
from media.storage import ObjectStore
from media.transcoding.store import IMMUTABLE, content_type

WAIT_SECONDS = 0.25


def store() -> ObjectStore:
    """The bucket of this installation."""
    return object_store()


def fetch(key: str, path: Path, *, size_bytes: int, meanwhile: Callable[[], None]) -> None:
    """Have an object as a file at ``path``: linked where the embedded store keeps it on this disk, else downloaded.

    Raises:
        media.storage.ObjectGone, media.errors.StorageUnavailable, OSError.
    """
    beside = _beside(key)
    if beside is not None:
        # The store never writes into a file that it has: a link is as good as a copy of gigabytes, and at once.
        with contextlib.suppress(OSError):
            if beside.stat().st_size == size_bytes:
                os.link(beside, path)
                return
    download(key, path, meanwhile=meanwhile)


def _beside(key: str) -> Path | None:
    """Where the embedded store keeps an object: ``<data>/s3/objects/<bucket>/<key>``, as the front door reads it."""
    if not settings.EMBEDDED:
        return None
    bucket = urlsplit(settings.S3_URL).path.strip("/")
    return Path(settings.DATA_DIR).absolute() / "s3" / "objects" / bucket / key


def download(key: str, path: Path, *, meanwhile: Callable[[], None]) -> None:
    """Write an object to a file, calling ``meanwhile`` several times a second: a lease must not run out over it.

    Raises:
        media.storage.ObjectGone, media.errors.StorageUnavailable, OSError.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="download") as pool:
        future = pool.submit(store().download, key, path)
        while True:
            try:
                future.result(timeout=WAIT_SECONDS)
            except TimeoutError:
                if future.done():
                    raise
                meanwhile()
                continue
            return


class RevisionStore:
    """``media.transcoding.store.Store``: names under one revision's prefix, and how large what lies there is.

    Safe for the threads that an encoder stores with.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._store = store()
        self._sizes: dict[str, int] = {}

    @property
    def total_bytes(self) -> int:
        """Everything that was put here, playlists and poster too: what the bucket holds under the prefix."""
        return sum(list(self._sizes.values()))

    def put_file(self, name: str, path: Path, *, content_type: str, cache_control: str) -> None:
        size = path.stat().st_size
        self._store.put_file(self._prefix + name, path, content_type=content_type, cache_control=cache_control)
        self._sizes[name] = size

    def put_bytes(self, name: str, body: bytes, *, content_type: str, cache_control: str) -> None:
        self._store.put_bytes(self._prefix + name, body, content_type=content_type, cache_control=cache_control)
        self._sizes[name] = len(body)

    def found(self, sizes: Mapping[str, int]) -> None:
        """Take note of what somebody else put under the prefix."""
        self._sizes |= sizes

    def close(self) -> None:
        """Write down what lies here: a comparison with the bucket can then name what is missing."""
        body = json.dumps({"v": 1, "objects": self._sizes}, separators=(",", ":"), sort_keys=True).encode()
        self.put_bytes(INVENTORY, body, content_type=content_type(INVENTORY), cache_control=IMMUTABLE)
