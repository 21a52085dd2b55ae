"""Media files of an archive back into the store: what is there and right stays, what is missing is put back whole."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from core.objects import ObjectGone, ObjectStore, StoredPart
from tenants.archive import keys
from tenants.archive.reader import Archive

AT_ONCE_BYTES = 16 << 20


def put_back(
    store: ObjectStore, archive: Archive, line: dict[str, Any], organization_id: UUID, progress: Callable[[int], None]
) -> bool:
    """Make sure that one media file is in the store; return whether it had to be put there.

    Objects never change under their key, so an equal one is left alone. The key is made of the organization's own id.

    Raises:
        ArchiveRefused: the archive's bytes are not those of its list.
    """
    key = keys.key_of(organization_id, line["file"])
    if _is_there(store, key, line, progress):
        return False
    if line["bytes"] <= AT_ONCE_BYTES:
        content = b"".join(_counted(archive.object_pieces(line), progress))
        about = {"content_type": line["content_type"], "cache_control": line["cache_control"]}
        store.put_bytes(key, content, **about)
        return True
    upload_id = store.begin_upload(key, content_type=line["content_type"])
    try:
        parts: list[StoredPart] = []
        waiting = bytearray()
        # The last piece comes with the check of the digest: a file that is not right is never completed.
        for piece in _counted(archive.object_pieces(line), progress):
            waiting += piece
            while len(waiting) >= AT_ONCE_BYTES:
                parts.append(store.put_part(key, upload_id, len(parts) + 1, bytes(waiting[:AT_ONCE_BYTES])))
                del waiting[:AT_ONCE_BYTES]
        if waiting:
            parts.append(store.put_part(key, upload_id, len(parts) + 1, bytes(waiting)))
        store.complete_upload(key, upload_id, parts)
    except BaseException:
        store.abort_upload(key, upload_id)
        raise
    return True


def _is_there(store: ObjectStore, key: str, line: dict[str, Any], progress: Callable[[int], None]) -> bool:
    try:
        found = store.head(key)
    except ObjectGone:
        return False
    if found.size_bytes != line["bytes"]:
        return False
    if found.etag == line["etag"]:
        progress(line["bytes"])
        return True
    # Stored in other parts, perhaps: the bytes decide.
    digest = hashlib.sha256()
    for piece in _counted(store.open(key).pieces(), progress):
        digest.update(piece)
    return digest.hexdigest() == line["sha256"]


def _counted(pieces: Iterator[bytes], progress: Callable[[int], None]) -> Iterator[bytes]:
    for piece in pieces:
        progress(len(piece))
        yield piece
