"""The manifest: what an archive holds, file by file, with counts and digests. Reading one trusts nothing in it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from tenants.archive.errors import ArchiveRefused

FORMAT = "emerging-tech-lms-archive"
VERSION = 1

README = "README.md"
SCHEMA = "schema/schema.json"
SCHEMA_WORDS = "schema/schema.md"
OBJECTS = "objects.jsonl"
MANIFEST = "manifest.json"
SEAL = "manifest.seal"

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MEDIA = re.compile(r"media/(private|public)/[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*")


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file of the archive: its bytes and digest, and its rows where it has any."""

    file: str
    bytes: int
    sha256: str
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class TableEntry:
    """One table: the rows that anybody may read, and the sealed columns where it has some."""

    table: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    readable: FileEntry
    sealed: FileEntry | None = None
    sealed_columns: tuple[str, ...] = ()
    # Keyed digest of the sealed columns in the clear: two states can be compared, nothing can be guessed.
    sealed_digest: str = ""


@dataclass(frozen=True, slots=True)
class SharedEntry:
    """An organization's rows of a shared table."""

    table: str
    columns: tuple[str, ...]
    readable: FileEntry
    returns: bool


@dataclass(frozen=True, slots=True)
class Manifest:
    """The whole of it."""

    export_id: UUID
    organization_id: UUID
    organization: dict[str, Any]
    snapshot_at: datetime
    generation: int
    release: int
    template_sha256: str
    tables: tuple[TableEntry, ...]
    shared: tuple[SharedEntry, ...]
    objects: FileEntry
    objects_bytes: int
    missing: int
    documents: tuple[FileEntry, ...]
    not_archived: dict[str, str] = field(default_factory=dict)

    def rows(self) -> int:
        """Return how many rows the archive has."""
        files = [found.readable for found in self.tables] + [found.readable for found in self.shared]
        return sum(file.rows or 0 for file in files)


def to_json(manifest: Manifest) -> bytes:
    """Return the manifest's file. The same manifest gives the same bytes."""
    value = {
        "format": FORMAT,
        "version": VERSION,
        "export_id": str(manifest.export_id),
        "organization_id": str(manifest.organization_id),
        "organization": manifest.organization,
        "snapshot_at": manifest.snapshot_at.isoformat(),
        "generation": manifest.generation,
        "release": manifest.release,
        "template_sha256": manifest.template_sha256,
        "counts": {
            "tables": len(manifest.tables),
            "rows": manifest.rows(),
            "objects": manifest.objects.rows,
            "objects_bytes": manifest.objects_bytes,
            "missing_objects": manifest.missing,
        },
        "tables": [
            {
                "table": found.table,
                "columns": list(found.columns),
                "key": list(found.key),
                **_file_json(found.readable),
                "sealed": None
                if found.sealed is None
                else {
                    **_file_json(found.sealed),
                    "columns": list(found.sealed_columns),
                    "digest": found.sealed_digest,
                },
            }
            for found in manifest.tables
        ],
        "shared": [
            {
                "table": found.table,
                "columns": list(found.columns),
                "returns": found.returns,
                **_file_json(found.readable),
            }
            for found in manifest.shared
        ],
        "objects": _file_json(manifest.objects),
        "documents": [_file_json(found) for found in manifest.documents],
        "not_archived": manifest.not_archived,
    }
    return json.dumps(value, indent=1, ensure_ascii=False).encode() + b"\n"


def from_json(content: bytes) -> Manifest:
    """Read a manifest that may say anything.

    Raises:
        ArchiveRefused: it is not one of ours in form, or of a version that this release does not know.
    """
    try:
        value = json.loads(content)
        if value["format"] != FORMAT:
            raise ArchiveRefused("This is not an archive of an organization.")
        if value["version"] != VERSION:
            raise ArchiveRefused(f"The archive has format version {value['version']!r}; this release reads {VERSION}.")
        return _manifest(value)
    except (ValueError, KeyError, TypeError, AttributeError) as broken:
        raise ArchiveRefused("manifest.json is not what a manifest is.") from broken


def _manifest(value: dict[str, Any]) -> Manifest:
    return Manifest(
        export_id=UUID(value["export_id"]),
        organization_id=UUID(value["organization_id"]),
        organization=dict(value["organization"]),
        snapshot_at=datetime.fromisoformat(value["snapshot_at"]),
        generation=int(value["generation"]),
        release=int(value["release"]),
        template_sha256=_sha256(value["template_sha256"]),
        tables=tuple(_table(found) for found in value["tables"]),
        shared=tuple(
            SharedEntry(
                _name(found["table"]),
                _names(found["columns"]),
                _file(found, f"shared/{found['table']}.jsonl"),
                bool(found["returns"]),
            )
            for found in value["shared"]
        ),
        objects=_file(value["objects"], OBJECTS),
        objects_bytes=_count(value["counts"]["objects_bytes"]),
        missing=_count(value["counts"]["missing_objects"]),
        documents=tuple(_file(found, *(README, SCHEMA, SCHEMA_WORDS)) for found in value["documents"]),
        not_archived={_name(name): str(why) for name, why in value["not_archived"].items()},
    )


def _table(value: dict[str, Any]) -> TableEntry:
    table, sealed = _name(value["table"]), value["sealed"]
    return TableEntry(
        table,
        _names(value["columns"]),
        _names(value["key"]),
        _file(value, f"tables/{table}.jsonl"),
        None if sealed is None else _file(sealed, f"sealed/{table}.bin"),
        () if sealed is None else _names(sealed["columns"]),
        "" if sealed is None else _sha256(sealed["digest"]),
    )


def object_file(name: str) -> str:
    """Return the name of an object's file if it is one that we would write.

    Raises:
        ArchiveRefused: it leads out of the folder of media.
    """
    if not _MEDIA.fullmatch(name) or any(part in (".", "..") for part in name.split("/")):
        raise ArchiveRefused(f"{name[:200]!r} is not a place for a media file.")
    return name


def _file_json(entry: FileEntry) -> dict[str, Any]:
    return {"file": entry.file, "rows": entry.rows, "bytes": entry.bytes, "sha256": entry.sha256}


def _file(value: dict[str, Any], *allowed: str) -> FileEntry:
    if value["file"] not in allowed:
        raise ArchiveRefused(f"{str(value['file'])[:200]!r} is not where this file belongs.")
    rows = value["rows"]
    return FileEntry(
        value["file"], _count(value["bytes"]), _sha256(value["sha256"]), None if rows is None else _count(rows)
    )


def _name(value: Any) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise ArchiveRefused(f"{str(value)[:200]!r} is not the name of a table or column.")
    return value


def _names(values: Any) -> tuple[str, ...]:
    return tuple(_name(value) for value in values)


def _sha256(value: Any) -> str:
    if not isinstance(value, str) or not _SHA256.fullmatch(value):
        raise ArchiveRefused("A digest in the manifest is not a digest.")
    return value


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ArchiveRefused("A count in the manifest is not a count.")
    return value
