"""Multipart uploads: parts are written where they will lie in the finished object, so completing one is a rename.

    uploads/<id>/init.json     what the object will be
    uploads/<id>/data          one sparse file: part n at (n-1) × stride, the size of the first regular part to arrive
    uploads/<id>/<n>.json      a part that is whole, and where it is
    uploads/<id>/<n>.<random>  a part that does not fit the stride, or was sent again
    uploads/<id>/done.json     the answer of a completion that is under way: it can be given again after a crash

A part that is acknowledged is never written over: sent again, it goes to a file of its own and replaces the record
in one step. All state is on disk but for which places are being written at the moment.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from devstack.s3 import checksums, records
from devstack.s3.body import Digests
from devstack.s3.errors import S3Error
from devstack.s3.names import check_upload_id
from devstack.s3.records import Record
from devstack.s3.store import Preconditions, Store, touch_now, write_all

MAX_PARTS = 10_000
MIN_PART_BYTES = 5 << 20
MAX_PART_BYTES = 5 << 30
# Sizes of regular parts are whole mebibytes. A last part hardly ever is, so one that comes first sets no stride.
_STRIDE_GRAIN = 1 << 20
_DATA = "data"

# Of a completion: part number, ETag without quotes, checksums by algorithm.
WantedPart = tuple[int, str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Upload:
    """A multipart upload in progress."""

    id: str
    bucket: str
    key: str
    initiated: float
    content_type: str
    headers: dict[str, str]
    checksum: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A whole part. ``file`` is the name within the upload's folder, ``offset`` where in it the part begins."""

    number: int
    size: int
    etag: str
    file: str
    offset: int
    modified: float
    checksums: dict[str, str] = field(default_factory=dict)


class PartWriter:
    """Where one part is being written. Ends in :meth:`MultipartStore.keep` or :meth:`MultipartStore.drop`."""

    def __init__(self, upload: Upload, number: int, path: Path, offset: int) -> None:
        self.upload = upload
        self.number = number
        self.path = path
        self.offset = offset
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
        self._at = offset

    def write(self, pieces: list[bytes]) -> None:
        """Write the next bytes of the part."""
        write_all(self._fd, pieces, self._at)
        self._at += sum(map(len, pieces))

    def close(self, *, durable: bool = False) -> None:
        """End writing."""
        if self._fd >= 0:
            if durable:
                os.fdatasync(self._fd)
            os.close(self._fd)
            self._fd = -1


class MultipartStore:
    """Multipart uploads beside a store of objects. Blocking: called on threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._layout = store.layout
        self._lock = threading.Lock()
        # Places of `data` that are taken: (upload, part number). After a restart they follow from the records.
        self._claimed: set[tuple[str, int]] = set()
        self._strides: dict[str, int] = {}
        self._completing: set[str] = set()
        # How many parts are being written into the common file of an upload right now.
        self._writing: Counter[str] = Counter()

    # -- begin, list, abort

    def create(self, bucket: str, key: str, content_type: str, headers: dict[str, str], checksum: str | None) -> Upload:
        """Begin an upload.

        Raises:
            S3Error: NoSuchBucket.
        """
        self._store.require_bucket(bucket)
        upload = Upload(os.urandom(16).hex(), bucket, key, time.time(), content_type, headers, checksum)
        folder = self._layout.upload(upload.id)
        folder.mkdir()
        records.write_json(folder / "init.json", asdict(upload), durable=self._store.durable)
        return upload

    def get(self, upload_id: str, bucket: str, key: str) -> Upload:
        """Return the upload, if it is one of this bucket and key.

        Raises:
            S3Error: NoSuchUpload.
        """
        try:
            found = Upload(**_load(self._layout.upload(check_upload_id(upload_id)) / "init.json"))
        except FileNotFoundError as error:
            raise S3Error("NoSuchUpload", "The specified multipart upload does not exist.") from error
        if (found.bucket, found.key) != (bucket, key):
            raise S3Error("NoSuchUpload", "The specified multipart upload does not exist.")
        return found

    def uploads(self, bucket: str, prefix: str = "") -> list[Upload]:
        """Return the uploads in progress of a bucket, by key and age."""
        self._store.require_bucket(bucket)
        found = [upload for upload in self._all() if upload.bucket == bucket and upload.key.startswith(prefix)]
        return sorted(found, key=lambda upload: (upload.key, upload.initiated))

    def parts(self, upload: Upload) -> list[Part]:
        """Return the whole parts by number."""
        folder = self._layout.upload(upload.id)
        found = []
        for entry in os.scandir(folder):
            stem, _, rest = entry.name.partition(".")
            if stem.isdigit() and rest == "json":
                found.append(Part(**_load(folder / entry.name)))
        return sorted(found, key=lambda part: part.number)

    def abort(self, upload: Upload) -> None:
        """Drop an upload and its parts."""
        self._forget(upload.id)

    def sweep(self, older_than_seconds: float) -> int:
        """Drop uploads that nobody finished; return how many."""
        limit = time.time() - older_than_seconds
        stale = [upload for upload in self._all() if upload.initiated < limit]
        for upload in stale:
            self._forget(upload.id)
        return len(stale)

    # -- parts

    def open_part(self, upload: Upload, number: int, size: int) -> PartWriter:
        """Choose where a part goes and open it.

        Raises:
            S3Error: InvalidArgument, EntityTooLarge.
        """
        if not 1 <= number <= MAX_PARTS:
            raise S3Error("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive")
        if size > MAX_PART_BYTES:
            raise S3Error("EntityTooLarge", "A part may have 5 GiB at most.")
        folder = self._layout.upload(upload.id)
        with self._lock:
            if upload.id in self._completing:
                raise S3Error("OperationAborted", "A completion of this upload is under way.")
            stride = self._stride(upload.id, size)
            place = (upload.id, number)
            fits = 0 < size <= stride and place not in self._claimed and not (folder / f"{number}.json").exists()
            if fits:
                self._claimed.add(place)
                self._writing[upload.id] += 1
        if fits:
            return PartWriter(upload, number, folder / _DATA, (number - 1) * stride)
        return PartWriter(upload, number, folder / f"{number}.{os.urandom(8).hex()}", 0)

    def keep(self, writer: PartWriter, digests: Digests) -> Part:
        """Record a part that is whole and right. The one it replaces is dropped.

        Raises:
            S3Error: NoSuchUpload where the upload ended meanwhile.
        """
        writer.close(durable=self._store.durable)
        folder = self._layout.upload(writer.upload.id)
        part = Part(
            writer.number,
            digests.size,
            digests.md5,
            writer.path.name,
            writer.offset,
            time.time(),
            {name: checksums.encode(raw) for name, raw in digests.checksums.items()},
        )
        with self._lock:
            if not folder.is_dir() or writer.upload.id in self._completing:
                # The caller drops the part.
                raise S3Error("NoSuchUpload", "The specified multipart upload does not exist.")
            path = folder / f"{part.number}.json"
            before = Part(**_load(path)) if path.exists() else None
            records.write_json(path, asdict(part), durable=self._store.durable)
            if before is not None and before.file not in (_DATA, part.file):
                (folder / before.file).unlink(missing_ok=True)
            if part.file == _DATA:
                self._writing[writer.upload.id] -= 1
        return part

    def drop(self, writer: PartWriter) -> None:
        """Forget a part that failed. Its place in the common file may be taken again."""
        writer.close()
        if writer.path.name == _DATA:
            with self._lock:
                self._claimed.discard((writer.upload.id, writer.number))
                self._writing[writer.upload.id] -= 1
        else:
            writer.path.unlink(missing_ok=True)

    def _stride(self, upload_id: str, size: int) -> int:
        if upload_id not in self._strides:
            path = self._layout.upload(upload_id) / "stride.json"
            if path.exists():
                self._strides[upload_id] = int(_load(path)["bytes"])
            elif size and size % _STRIDE_GRAIN == 0:
                records.write_json(path, {"bytes": size})
                self._strides[upload_id] = size
        return self._strides.get(upload_id, 0)

    # -- complete

    def complete(
        self,
        upload: Upload,
        wanted: list[tuple[int, str, dict[str, str]]],
        only: Preconditions,
        size: int | None = None,
    ) -> Record:
        """Make the object out of the named parts: (number, ETag, checksums) in order; return its metadata.

        Raises:
            S3Error: InvalidPart, InvalidPartOrder, EntityTooSmall, PreconditionFailed, InvalidRequest (``size`` is not
                that of the parts), OperationAborted (a completion is under way).
        """
        with self._exclusively(upload):
            done = self._finished(upload)
            if done is not None:
                self._forget(upload.id)
                return done
            parts = self._chosen(upload, wanted)
            if size is not None and size != sum(part.size for part in parts):
                raise S3Error("InvalidRequest", "The parts do not have the size that x-amz-mp-object-size says.")
            self._store.check(upload.bucket, upload.key, only)
            file = self._assemble(upload, parts)
            touch_now(file)
            stat = file.stat()
            etag = hashlib.md5(b"".join(bytes.fromhex(part.etag) for part in parts), usedforsecurity=False)
            found: dict[str, str] = {}
            if upload.checksum:
                raw = [checksums.decode(upload.checksum, part.checksums[upload.checksum]) for part in parts]
                found[upload.checksum] = checksums.composite(upload.checksum, raw)
            record = Record(
                stat.st_size,
                stat.st_mtime_ns,
                f"{etag.hexdigest()}-{len(parts)}",
                upload.content_type,
                upload.headers,
                found,
            )
            records.write_json(self._layout.upload(upload.id) / "done.json", asdict(record))
            self._store.put(upload.bucket, upload.key, file, record, only)
            self._forget(upload.id)
            return record

    @contextlib.contextmanager
    def _exclusively(self, upload: Upload) -> Iterator[None]:
        with self._lock:
            if upload.id in self._completing:
                raise S3Error("OperationAborted", "A completion of this upload is under way.")
            self._completing.add(upload.id)
        try:
            yield
        finally:
            with self._lock:
                self._completing.discard(upload.id)

    def _finished(self, upload: Upload) -> Record | None:
        """Return the result of a completion that a crash kept from tidying up behind itself."""
        try:
            done = Record(**_load(self._layout.upload(upload.id) / "done.json"))
            found = self._store.head(upload.bucket, upload.key)
        except (FileNotFoundError, S3Error):
            return None
        return done if (found.size, found.mtime_ns) == (done.size, done.mtime_ns) else None

    def _chosen(self, upload: Upload, wanted: list[WantedPart]) -> list[Part]:
        numbers = [number for number, _, _ in wanted]
        if not numbers or numbers != sorted(set(numbers)):
            raise S3Error("InvalidPartOrder", "The list of parts was not in ascending order.")
        there = {part.number: part for part in self.parts(upload)}
        chosen = []
        for number, etag, sums in wanted:
            part = there.get(number)
            if part is None or part.etag != etag or any(part.checksums.get(n) != v for n, v in sums.items()):
                raise S3Error("InvalidPart", f"Part {number} was not uploaded or is not the one named.")
            if upload.checksum and upload.checksum not in part.checksums:
                raise S3Error("InvalidPart", f"Part {number} has no {upload.checksum} checksum.")
            chosen.append(part)
        if any(part.size < MIN_PART_BYTES for part in chosen[:-1]):
            raise S3Error("EntityTooSmall", "Only the last part may be smaller than 5 MiB.")
        return chosen

    def _assemble(self, upload: Upload, parts: list[Part]) -> Path:
        """Return a file that holds the parts one after the other.

        Where parts lie as they should in the common file, that is the one: only stragglers are copied into it.
        """
        folder = self._layout.upload(upload.id)
        data = folder / _DATA
        offsets = []
        end = 0
        for part in parts:
            offsets.append(end)
            end += part.size
        in_place = [part.file == _DATA and part.offset == at for part, at in zip(parts, offsets, strict=True)]
        # Not where something else lies in the common file, or is still being written there: then all are copied.
        movable = (
            all(fits or part.file != _DATA for fits, part in zip(in_place, parts, strict=True))
            and len(parts) == len(self.parts(upload))
            and not self._writing[upload.id]
        )
        target = data if movable else folder / f"assembled.{os.urandom(8).hex()}"
        fd = os.open(target, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            for part, at, fits in zip(parts, offsets, in_place, strict=True):
                if not (movable and fits):
                    _copy(folder / part.file, part.offset, fd, at, part.size)
            os.ftruncate(fd, end)
            if self._store.durable:
                os.fdatasync(fd)
        finally:
            os.close(fd)
        return target

    def _forget(self, upload_id: str) -> None:
        with self._lock:
            self._strides.pop(upload_id, None)
            if not self._writing[upload_id]:
                del self._writing[upload_id]
            self._claimed = {place for place in self._claimed if place[0] != upload_id}
            folder = self._layout.upload(upload_id)
            # init.json first: from here on the upload does not exist, however long the rest takes.
            (folder / "init.json").unlink(missing_ok=True)
            shutil.rmtree(folder, ignore_errors=True)

    def _all(self) -> Iterator[Upload]:
        for entry in os.scandir(self._layout.uploads):
            try:
                yield Upload(**_load(Path(entry.path) / "init.json"))
            except (FileNotFoundError, NotADirectoryError, TypeError, ValueError):
                if entry.is_dir() and time.time() - entry.stat().st_mtime > 60:
                    shutil.rmtree(entry.path, ignore_errors=True)


def _copy(source: Path, offset: int, target_fd: int, at: int, size: int) -> None:
    fd = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
    try:
        while size:
            done = _copy_some(fd, offset, target_fd, at, size)
            if done == 0:
                raise S3Error("InternalError", "A part is shorter than its record says.")
            offset, at, size = offset + done, at + done, size - done
    finally:
        os.close(fd)


def _copy_some(fd: int, offset: int, target_fd: int, at: int, size: int) -> int:
    if hasattr(os, "copy_file_range"):
        with contextlib.suppress(OSError):
            return os.copy_file_range(fd, target_fd, size, offset, at)
    piece = os.pread(fd, min(size, 1 << 20), offset)
    write_all(target_fd, [piece], at)
    return len(piece)


def _load(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found
