"""What is known of an object beside its bytes, and how that is kept in step with them through a kill -9.

The metadata of a new object is written beside the old (``.next``) before its bytes are renamed into place and renamed
after. A reader that finds a ``.next`` takes it if it describes the file that is there, so each file has its own
metadata at every instant.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Record:
    """An object's metadata. ``size`` in bytes and ``mtime_ns`` name the file it belongs to; ``etag`` has no quotes."""

    size: int
    mtime_ns: int
    etag: str
    content_type: str = "binary/octet-stream"
    # Cache-Control, Content-Disposition, Content-Encoding, Content-Language and x-amz-meta-*, lower case.
    headers: dict[str, str] = field(default_factory=dict)
    # Algorithm to base64, as answered in x-amz-checksum-*.
    checksums: dict[str, str] = field(default_factory=dict)


def write_json(path: Path, value: object, *, durable: bool = False) -> None:
    """Replace a JSON file in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    staging = path.with_name(path.name + ".tmp")
    with staging.open("w", encoding="utf-8") as file:
        json.dump(value, file, separators=(",", ":"))
        if durable:
            file.flush()
            os.fsync(file.fileno())
    staging.replace(path)


def read(path: Path, size: int, mtime_ns: int) -> Record:
    """Return the metadata of the file of this size and modification time.

    A file that was put in place by hand has none: it gets a weak stand-in made from its size and time.
    """
    following = _load(_next(path))
    if following is not None and (following.size, following.mtime_ns) == (size, mtime_ns):
        return following
    settled = _load(path)
    if settled is not None and settled.size == size:
        return settled
    return Record(size, mtime_ns, f"{mtime_ns:x}-{size:x}")


def announce(path: Path, record: Record, *, durable: bool = False) -> None:
    """Write the metadata of bytes that are about to be renamed into place."""
    write_json(_next(path), asdict(record), durable=durable)


def settle(path: Path) -> None:
    """Make the announced metadata the settled one, after the rename."""
    _next(path).replace(path)


def heal(path: Path, size: int, mtime_ns: int) -> None:
    """Settle metadata that a crash left announced, if it is that of the file which is about to be replaced."""
    following = _load(_next(path))
    if following is not None and (following.size, following.mtime_ns) == (size, mtime_ns):
        settle(path)


def forget(path: Path) -> None:
    """Drop the metadata of an object that is gone."""
    _next(path).unlink(missing_ok=True)
    path.unlink(missing_ok=True)


def _next(path: Path) -> Path:
    return path.with_suffix(".next")


def _load(path: Path) -> Record | None:
    try:
        return Record(**json.loads(path.read_bytes()))
    except (FileNotFoundError, ValueError, TypeError):
        return None
