"""Buckets and objects on a file system. Blocking: called on threads.

Bytes are written to a file of their own and renamed into place, so an object is there whole or not at all, whatever
kills the process. Power loss is another matter: ``durable`` waits for the disk, and is off for a development store.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path

from devstack.s3 import records
from devstack.s3.errors import S3Error
from devstack.s3.layout import Layout
from devstack.s3.records import Record


@dataclass(frozen=True, slots=True)
class Preconditions:
    """Under which an object may be replaced: ``absent`` = only if there is none; ``etag`` = only if it is this one."""

    absent: bool = False
    etag: str | None = None


class Staging:
    """A file being written, outside every bucket. Either it is put in place or it is discarded."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / os.urandom(16).hex()
        self._fd = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)

    def write(self, pieces: list[bytes]) -> None:
        """Append bytes."""
        write_all(self._fd, pieces)

    def close(self, *, durable: bool) -> None:
        """End writing; with ``durable`` only once the disk has it."""
        if durable:
            os.fdatasync(self._fd)
        os.close(self._fd)
        self._fd = -1

    def discard(self) -> None:
        """Drop what was written, if it was not put in place."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
        self.path.unlink(missing_ok=True)


def write_all(fd: int, pieces: list[bytes], offset: int | None = None) -> None:
    """Write every byte of the pieces, at ``offset`` or at the file's position."""
    for piece in pieces:
        view = memoryview(piece)
        while view:
            written = os.write(fd, view) if offset is None else os.pwrite(fd, view, offset)
            if offset is not None:
                offset += written
            view = view[written:]


class Store:
    """The buckets and objects of one data folder. Safe to call from several threads of one process."""

    def __init__(self, layout: Layout, *, durable: bool = False) -> None:
        self.layout = layout
        self.durable = durable
        # Held for renames and small writes only, never while bytes of an object move.
        self._commit = threading.Lock()
        layout.prepare()
        for leftover in layout.tmp.iterdir():
            leftover.unlink(missing_ok=True)

    # -- buckets

    def buckets(self) -> list[tuple[str, float]]:
        """Return (name, seconds since 1970 of its making) of each bucket, by name."""
        return sorted(
            (entry.name, entry.stat().st_ctime) for entry in os.scandir(self.layout.objects) if entry.is_dir()
        )

    def create_bucket(self, bucket: str) -> None:
        """Make a bucket.

        Raises:
            S3Error: BucketAlreadyOwnedByYou.
        """
        try:
            self.layout.bucket(bucket).mkdir()
        except FileExistsError as error:
            raise S3Error("BucketAlreadyOwnedByYou", "The bucket is there already, and it is yours.") from error

    def require_bucket(self, bucket: str) -> None:
        """Raise S3Error NoSuchBucket where there is none."""
        if not self.layout.bucket(bucket).is_dir():
            raise S3Error("NoSuchBucket", "The specified bucket does not exist.")

    def delete_bucket(self, bucket: str) -> None:
        """Remove an empty bucket.

        Raises:
            S3Error: NoSuchBucket, BucketNotEmpty.
        """
        self.require_bucket(bucket)
        with self._commit:
            try:
                self.layout.bucket(bucket).rmdir()
            except OSError as error:
                raise S3Error("BucketNotEmpty", "The bucket you tried to delete is not empty.") from error
            shutil.rmtree(self.layout.root / "meta" / bucket, ignore_errors=True)

    # -- objects

    def stage(self) -> Staging:
        """Begin writing an object's bytes."""
        return Staging(self.layout.tmp)

    def put(self, bucket: str, key: str, file: Path, record: Record, only: Preconditions | None = None) -> Record:
        """Put the written file in place as an object; return its metadata.

        Raises:
            S3Error: NoSuchBucket; PreconditionFailed; InvalidRequest where the key runs through another object.
        """
        self.require_bucket(bucket)
        found = file.stat()
        record = replace(record, size=found.st_size, mtime_ns=found.st_mtime_ns)
        target = self.layout.object(bucket, key)
        meta = self.layout.meta(bucket, key)
        with self._commit:
            self.check(bucket, key, only or Preconditions())
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                if target.is_dir():
                    raise IsADirectoryError
            except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
                self._prune(bucket, target.parent)
                raise S3Error("InvalidRequest", "An object's key may not run through another object.") from error
            with contextlib.suppress(FileNotFoundError):
                present = target.stat()
                records.heal(meta, present.st_size, present.st_mtime_ns)
            records.announce(meta, record, durable=self.durable)
            file.replace(target)
            records.settle(meta)
        return record

    def check(self, bucket: str, key: str, only: Preconditions) -> None:
        """Raise S3Error PreconditionFailed or NoSuchKey where the preconditions do not hold."""
        if not only.absent and only.etag is None:
            return
        try:
            found = self.head(bucket, key)
        except S3Error as error:
            if error.code != "NoSuchKey" or only.etag is not None:
                raise
            return
        if only.absent or found.etag != only.etag:
            raise S3Error("PreconditionFailed", "At least one of the pre-conditions you specified did not hold")

    def head(self, bucket: str, key: str) -> Record:
        """Return an object's metadata.

        Raises:
            S3Error: NoSuchBucket, NoSuchKey.
        """
        fd, record = self.open(bucket, key)
        os.close(fd)
        return record

    def open(self, bucket: str, key: str) -> tuple[int, Record]:
        """Return a file descriptor on the object's bytes, and its metadata. The caller closes it.

        Raises:
            S3Error: NoSuchBucket, NoSuchKey.
        """
        self.require_bucket(bucket)
        meta = self.layout.meta(bucket, key)
        try:
            fd = os.open(self.layout.object(bucket, key), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError as error:
            raise S3Error("NoSuchKey", "The specified key does not exist.") from error
        found = os.fstat(fd)
        if not stat.S_ISREG(found.st_mode):
            os.close(fd)
            raise S3Error("NoSuchKey", "The specified key does not exist.")
        return fd, records.read(meta, found.st_size, found.st_mtime_ns)

    def delete(self, bucket: str, key: str) -> None:
        """Remove an object; no error where there is none.

        Raises:
            S3Error: NoSuchBucket.
        """
        self.require_bucket(bucket)
        target = self.layout.object(bucket, key)
        with self._commit:
            with contextlib.suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError):
                target.unlink()
            if not target.exists():
                records.forget(self.layout.meta(bucket, key))
            self._prune(bucket, target.parent)

    def copy(self, source: tuple[str, str], staging: Staging) -> Record:
        """Write the source's bytes into ``staging``; return the source's metadata.

        Raises:
            S3Error: NoSuchBucket, NoSuchKey.
        """
        fd, record = self.open(*source)
        try:
            offset = 0
            while piece := os.pread(fd, 1 << 20, offset):
                staging.write([piece])
                offset += len(piece)
        finally:
            os.close(fd)
        return record

    def modified(self, bucket: str, key: str) -> tuple[Record, float]:
        """Return metadata and modification time (seconds since 1970) for a listing.

        Raises:
            FileNotFoundError: it went away meanwhile.
        """
        found = self.layout.object(bucket, key).stat()
        return records.read(self.layout.meta(bucket, key), found.st_size, found.st_mtime_ns), found.st_mtime

    def _prune(self, bucket: str, folder: Path) -> None:
        root = self.layout.bucket(bucket)
        while folder != root and root in folder.parents:
            try:
                folder.rmdir()
            except FileNotFoundError:
                pass
            except OSError:
                return
            folder = folder.parent


def touch_now(path: Path) -> None:
    """Make now the file's modification time: an assembled object is as old as its completion."""
    moment = time.time_ns()
    os.utime(path, ns=(moment, moment))
