"""Room to work on this machine: one folder a job, the downloaded sources, and how many ladders run at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

from django.conf import settings

from media.services import objects
from media.services.jobs import Lease
from media.storage import ObjectGone
from media.transcoding.errors import InputRejected, ResourceShortage

FORGOTTEN_SECONDS = 12 * 3600


def root() -> Path:
    """Where work is done: ``MEDIA_SCRATCH_DIR``, or a folder of the product's data."""
    path = Path(getattr(settings, "MEDIA_SCRATCH_DIR", "") or Path(settings.DATA_DIR) / "scratch").absolute()
    path.mkdir(parents=True, exist_ok=True)
    return path


@contextlib.contextmanager
def folder(lease: Lease) -> Iterator[Path]:
    """A folder of this job's own, gone when the work ends."""
    path = root() / "jobs" / f"{lease.job_id}-{lease.fence}"
    path.mkdir(parents=True, exist_ok=True)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def fetch(lease: Lease, key: str, size_bytes: int, into: Path, meanwhile: Callable[[], None]) -> None:
    """Put the source at ``into``. It stays beside until the ladder is made, so that it is fetched once.

    Raises:
        InputRejected: the source is not there any more.
        ResourceShortage: the disk is full.
        media.errors.StorageUnavailable: the store did not answer.
    """
    kept = _kept(lease.upload_id)
    try:
        if not kept.exists() or kept.stat().st_size != size_bytes:
            kept.parent.mkdir(parents=True, exist_ok=True)
            arriving = kept.with_name(f"{kept.name}.{os.getpid()}")
            try:
                objects.fetch(key, arriving, size_bytes=size_bytes, meanwhile=meanwhile)
                os.replace(arriving, kept)
            finally:
                arriving.unlink(missing_ok=True)
        os.link(kept, into)
    except ObjectGone as error:
        raise InputRejected("source_gone") from error
    except OSError as error:
        raise ResourceShortage("out_of_space") from error


def forget(upload_id: UUID) -> None:
    """The source is not needed here any more."""
    _kept(upload_id).unlink(missing_ok=True)


def sweep() -> None:
    """Remove what dead workers left. What is younger than half a day may be at work."""
    before = time.time() - FORGOTTEN_SECONDS
    for parent in (root() / "jobs", root() / "sources"):
        for path in parent.glob("*"):
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < before:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()


@contextlib.contextmanager
def ladder_slot() -> Iterator[bool]:
    """Whether this machine has room for one more ladder: one for every two cores. A dead holder frees its slot."""
    slots = max(1, (os.cpu_count() or 2) // 2)
    for number in range(slots):
        handle = os.open(root() / f"ladder-{number}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield True
            return
        finally:
            os.close(handle)
    yield False


def _kept(upload_id: UUID) -> Path:
    return root() / "sources" / str(upload_id)
