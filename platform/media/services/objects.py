"""The object store as the use cases need it: one bucket, writes of one revision, downloads that let one breathe."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, TimeoutError
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from media.aws.s3 import object_store
from media.storage import ObjectStore

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
    """``media.transcoding.store.Store``: names under one revision's prefix."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._store = store()

    def put_file(self, name: str, path: Path, *, content_type: str, cache_control: str) -> None:
        self._store.put_file(self._prefix + name, path, content_type=content_type, cache_control=cache_control)

    def put_bytes(self, name: str, body: bytes, *, content_type: str, cache_control: str) -> None:
        self._store.put_bytes(self._prefix + name, body, content_type=content_type, cache_control=cache_control)
