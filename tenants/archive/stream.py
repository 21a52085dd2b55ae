"""A ZIP file written from front to back straight into a multipart upload, so that it may be any size and resume.

The standard library writes the format. What is uploaded is never written again: after a death the stream begins at the
last file that is whole, and the bytes that the store already has are dropped on their way.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import IO, Any

from core.objects import ObjectStore, StoredPart

PART_BYTES = 16 << 20
MAX_PARTS = 9_000  # of the ten thousand that a store takes
_FIELDS = (
    "CRC", "compress_size", "file_size", "header_offset", "flag_bits", "compress_type", "extract_version",
    "create_version", "external_attr", "create_system",
)  # fmt: skip


class Upload(io.RawIOBase):
    """A file that can only be written, at its end; full parts go to the store at once.

    ``uploaded`` bytes are there already; ``begin_at`` is where this writer begins, and what lies between is dropped.
    """

    def __init__(
        self,
        store: ObjectStore,
        key: str,
        upload_id: str,
        *,
        part_bytes: int,
        parts: list[StoredPart],
        begin_at: int = 0,
        tail: bytes = b"",
        on_part: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__()
        self._store, self._key, self._id = store, key, upload_id
        self._part_bytes, self.parts, self._on_part = part_bytes, parts, on_part
        self.uploaded = sum(part.size_bytes for part in parts)
        self._at = begin_at
        self._waiting = bytearray(tail)
        self._is_given_up = False

    def give_up(self) -> None:
        """Store nothing any more: closing a file that broke off writes a footer that must not reach the archive."""
        self._is_given_up = True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def tell(self) -> int:
        return self._at

    def write(self, content: Any) -> int:
        piece = memoryview(content).cast("B")
        if self._is_given_up:
            return len(piece)
        known = min(max(0, self.uploaded + len(self._waiting) - self._at), len(piece))
        self._waiting += piece[known:]
        self._at += len(piece)
        while len(self._waiting) >= self._part_bytes:
            self._put(self._part_bytes)
            self._on_part()
        return len(piece)

    def waiting(self) -> bytes:
        """Return what is too little for a part yet."""
        return bytes(self._waiting)

    def finish(self) -> list[StoredPart]:
        """Upload the rest; return every part."""
        if self._waiting:
            self._put(len(self._waiting))
        return self.parts

    def _put(self, size: int) -> None:
        content = bytes(self._waiting[:size])
        self.parts.append(self._store.put_part(self._key, self._id, len(self.parts) + 1, content))
        del self._waiting[:size]
        self.uploaded += size


class ArchiveWriter:
    """Files into a ZIP, one after the other. ``done`` are the entries that an earlier writer finished."""

    def __init__(self, out: Upload, *, at: datetime, done: Iterable[dict[str, Any]] = ()) -> None:
        # Every file carries the snapshot's time: a resumed archive has the bytes that an undisturbed one has.
        self._stamp = at.timetuple()[:6]
        self._zip = zipfile.ZipFile(out, "w", allowZip64=True)
        for entry in done:
            info = _info(entry, self._stamp)
            self._zip.filelist.append(info)
            self._zip.NameToInfo[info.filename] = info
        self._out = out

    @contextmanager
    def file(self, name: str, *, compressed: bool) -> Iterator[IO[bytes]]:
        """Write a file; one after the other."""
        info = zipfile.ZipInfo(name, self._stamp)
        info.compress_type = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
        info.external_attr = 0o644 << 16
        info.create_system = 3
        file = self._zip.open(info, "w", force_zip64=True)
        try:
            yield file
        except BaseException:
            self._out.give_up()
            raise
        finally:
            file.close()

    def put(self, name: str, pieces: Iterator[bytes], *, compressed: bool = False) -> None:
        """Write a whole file."""
        with self.file(name, compressed=compressed) as file:
            for piece in pieces:
                file.write(piece)

    def last(self) -> dict[str, Any]:
        """Return what the directory needs to know of the newest file."""
        return described(self._zip.filelist[-1])

    def ends_at(self) -> int:
        """Return how many bytes the archive has so far."""
        return self._out.tell()

    def close(self) -> None:
        """Write the directory."""
        self._zip.close()


def described(info: zipfile.ZipInfo) -> dict[str, Any]:
    """Return an entry as JSON."""
    return {"filename": info.filename, **{name: getattr(info, name) for name in _FIELDS}}


def _info(entry: dict[str, Any], stamp: tuple[int, ...]) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(entry["filename"], stamp)  # type: ignore[arg-type]
    for name in _FIELDS:
        setattr(info, name, entry[name])
    return info


def part_bytes_for(total_bytes: int) -> int:
    """Return how large parts must be for an archive of about this size."""
    whole_mebibytes = -(-total_bytes // MAX_PARTS) // (1 << 20) + 1
    return max(PART_BYTES, whole_mebibytes << 20)
