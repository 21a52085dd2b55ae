"""Reading an archive as if an enemy had made it: nothing is believed that was not compared with the sealed manifest.

The archive stays where it is: the store is asked for ranges, and nothing is unpacked to a disk.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from core.objects import ObjectGone, ObjectStore
from tenants.archive import manifest as manifests
from tenants.archive.dump import LENGTH_BYTES
from tenants.archive.errors import ArchiveRefused
from tenants.archive.manifest import FileEntry, Manifest, TableEntry
from tenants.archive.seal import SealBroken, Seals

MAX_FILES = 2_000_000
MAX_MANIFEST_BYTES = 64 << 20
MAX_LINE_BYTES = 64 << 20
_READ_BYTES = 1 << 20
_AHEAD_BYTES = 4 << 20
_ENCRYPTED = 0x1


class _Ranges(io.RawIOBase):
    """An object of the store as a file that can be sought."""

    def __init__(self, store: ObjectStore, key: str, size: int) -> None:
        super().__init__()
        self._store, self._key, self._size, self._at = store, key, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, target: Any) -> int:
        wanted = min(len(target), self._size - self._at)
        if wanted <= 0:
            return 0
        content = self._store.read(self._key, start=self._at, length=wanted)
        target[: len(content)] = content
        self._at += len(content)
        return len(content)


class Archive:
    """An archive whose manifest holds. Every read compares what it reads with the manifest's digest."""

    def __init__(self, zip_file: zipfile.ZipFile, manifest: Manifest, manifest_sha256: str, seals: Seals) -> None:
        self._zip = zip_file
        self.manifest = manifest
        self.manifest_sha256 = manifest_sha256
        self.seals = seals

    def verify(self, progress: Callable[[int], None]) -> None:
        """Read every file but the media, which are compared as they are put back.

        Raises:
            ArchiveRefused: a file is missing, added, longer, shorter or other than the manifest says.
        """
        expected = {entry.file: entry for entry in self._files()}
        media: set[str] = set()
        for line in self.objects():
            info = self._info(line["file"])
            if line["file"] in media or info.file_size != line["bytes"] or info.compress_type != zipfile.ZIP_STORED:
                raise ArchiveRefused(f"{line['file']} is not what the list of media says.")
            media.add(line["file"])
        for entry in expected.values():
            for piece in self._pieces(entry):
                progress(len(piece))
        for table in self.manifest.tables:
            self._verify_sealed(table)
        known = {*expected, *media, manifests.MANIFEST, manifests.SEAL}
        if extra := set(self._zip.namelist()) - known:
            raise ArchiveRefused(f"The archive holds {sorted(extra)[0][:200]!r}, which its manifest does not know.")

    def rows(self, entry: FileEntry) -> Iterator[bytes]:
        """Yield the lines of a file, without their ends.

        Raises:
            ArchiveRefused: the file or its number of lines is not what the manifest says; only known at the end.
        """
        rest, rows = b"", 0
        for piece in self._pieces(entry):
            *lines, rest = (rest + piece).split(b"\n")
            if len(rest) > MAX_LINE_BYTES:
                raise ArchiveRefused(f"A line of {entry.file} has no end.")
            rows += len(lines)
            yield from lines
        if rest or rows != (entry.rows or 0):
            raise ArchiveRefused(f"{entry.file} has {rows} lines; its manifest says {entry.rows}.")

    def sealed_rows(self, table: TableEntry) -> Iterator[bytes]:
        """Yield the lines of a table's sealed columns, opened.

        Raises:
            ArchiveRefused: they were sealed elsewhere, moved or changed.
        """
        assert table.sealed is not None
        digest, place, waiting, rows = self.seals.digest(), 0, b"", 0
        for piece in self._pieces(table.sealed):
            waiting += piece
            while len(waiting) >= LENGTH_BYTES:
                size = int.from_bytes(waiting[:LENGTH_BYTES], "big")
                if len(waiting) < LENGTH_BYTES + size:
                    break
                box, waiting = waiting[LENGTH_BYTES : LENGTH_BYTES + size], waiting[LENGTH_BYTES + size :]
                try:
                    plain = self.seals.open(box, table=table.table, place=place)
                except SealBroken as broken:
                    raise ArchiveRefused(f"The sealed columns of {table.table} do not open here.") from broken
                place += 1
                digest.update(plain)
                for line in plain.splitlines():
                    rows += 1
                    yield line
        if waiting or rows != (table.sealed.rows or 0) or not digest.fits(table.sealed_digest):
            raise ArchiveRefused(f"The sealed columns of {table.table} are not what the manifest says.")

    def objects(self) -> Iterator[dict[str, Any]]:
        """Yield the media files: ``file``, ``bytes``, ``sha256``, ``etag``, ``content_type``, ``cache_control``."""
        for line in self.rows(self.manifest.objects):
            try:
                found = json.loads(line)
                manifests.object_file(found["file"])
                held = {name: str(found[name]) for name in ("file", "sha256", "etag", "content_type", "cache_control")}
                held["bytes"] = int(found["bytes"])  # type: ignore[assignment]
            except (ValueError, KeyError, TypeError) as broken:
                raise ArchiveRefused("The list of media is not what it must be.") from broken
            yield held

    def object_pieces(self, line: dict[str, Any]) -> Iterator[bytes]:
        """Yield the bytes of a media file.

        Raises:
            ArchiveRefused: they are not what the list says; only known at the end.
        """
        return self._pieces(FileEntry(line["file"], line["bytes"], line["sha256"]))

    def _files(self) -> Iterator[FileEntry]:
        yield from self.manifest.documents
        for table in self.manifest.tables:
            yield table.readable
            if table.sealed:
                yield table.sealed
        yield from (shared.readable for shared in self.manifest.shared)
        yield self.manifest.objects

    def _verify_sealed(self, table: TableEntry) -> None:
        if table.sealed is not None:
            for _ in self.sealed_rows(table):
                pass

    def _pieces(self, entry: FileEntry) -> Iterator[bytes]:
        digest, size = hashlib.sha256(), 0
        try:
            with self._zip.open(self._info(entry.file)) as file:
                while piece := file.read(_READ_BYTES):
                    size += len(piece)
                    if size > entry.bytes:  # a bomb is put out at the size that was promised
                        break
                    digest.update(piece)
                    yield piece
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as broken:
            raise ArchiveRefused(f"{entry.file} is damaged.") from broken
        if size != entry.bytes or digest.hexdigest() != entry.sha256:
            raise ArchiveRefused(f"{entry.file} is not the file that the manifest describes.")

    def _info(self, name: str) -> zipfile.ZipInfo:
        try:
            return self._zip.getinfo(name)
        except KeyError as missing:
            raise ArchiveRefused(f"{name} is missing.") from missing


@contextmanager
def open_archive(store: ObjectStore, key: str, organization_id: UUID) -> Iterator[Archive]:
    """Open an archive of this organization.

    Raises:
        ArchiveRefused: it is no archive, was made or changed by somebody else, or is another organization's.
    """
    try:
        size = store.head(key).size_bytes
    except ObjectGone as gone:
        raise ArchiveRefused("The archive's file is not in the store any more.") from gone
    with io.BufferedReader(_Ranges(store, key, size), _AHEAD_BYTES) as file:
        try:
            zip_file = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as broken:
            raise ArchiveRefused("The file is not a ZIP archive, or was cut short.") from broken
        with zip_file:
            _look_at_names(zip_file)
            content = _small(zip_file, manifests.MANIFEST, MAX_MANIFEST_BYTES)
            manifest, sha256 = manifests.from_json(content), hashlib.sha256(content).hexdigest()
            if manifest.organization_id != organization_id:
                raise ArchiveRefused("This is the archive of another organization.")
            seals = Seals(organization_id, manifest.export_id)
            if not seals.is_ours(sha256, _small(zip_file, manifests.SEAL, 200).decode("ascii", "replace").strip()):
                raise ArchiveRefused("The manifest was changed, or was not made by this platform.")
            yield Archive(zip_file, manifest, sha256, seals)


def _look_at_names(zip_file: zipfile.ZipFile) -> None:
    infos = zip_file.infolist()
    names = {info.filename for info in infos}
    if len(infos) > MAX_FILES or len(names) != len(infos):
        raise ArchiveRefused("The archive names a file twice, or has too many.")
    for info in infos:
        unix = info.external_attr >> 16
        is_plain = unix & 0o170000 in (0, 0o100000)
        is_inside = not info.filename.startswith("/") and "\\" not in info.filename
        parts = info.filename.split("/")
        if (
            not (is_plain and is_inside)
            or info.flag_bits & _ENCRYPTED
            or any(part in ("", ".", "..") for part in parts)
        ):
            raise ArchiveRefused(f"{info.filename[:200]!r} is not a file that an archive may hold.")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ArchiveRefused(f"{info.filename[:200]!r} is packed in a way that archives are not.")


def _small(zip_file: zipfile.ZipFile, name: str, most: int) -> bytes:
    try:
        with zip_file.open(name) as file:
            content = file.read(most + 1)
    except KeyError as missing:
        raise ArchiveRefused(f"{name} is missing.") from missing
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as broken:
        raise ArchiveRefused(f"{name} is damaged.") from broken
    if len(content) > most:
        raise ArchiveRefused(f"{name} is too large.")
    return content
