"""Where the object store keeps what: objects are plain files named by their key, all else lies beside them.

<data>/s3/objects/<bucket>/<key>      the bytes of the object, nothing else
<data>/s3/meta/<bucket>/ab/<hash>.json  its content type, ETag and checksums
<data>/s3/uploads/<upload id>/        a multipart upload in progress
<data>/s3/tmp/                        what is being written; emptied at start
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path


def object_root(data_dir: Path | str, bucket: str) -> Path:
    """Return the folder in which the bucket's objects lie: ``<root>/<key>`` is the object's file.

    The front door serves media straight from here.
    """
    return Path(data_dir).resolve() / "s3" / "objects" / bucket


@dataclass(frozen=True, slots=True)
class Layout:
    """The folders of one store. ``root`` is absolute."""

    root: Path

    @classmethod
    def under(cls, data_dir: Path | str) -> Layout:
        """Return the layout inside the product's data folder."""
        return cls(Path(data_dir).resolve() / "s3")

    @property
    def objects(self) -> Path:
        """All buckets."""
        return self.root / "objects"

    @property
    def uploads(self) -> Path:
        """All multipart uploads in progress."""
        return self.root / "uploads"

    @property
    def tmp(self) -> Path:
        """Files being written, on the same file system as the objects."""
        return self.root / "tmp"

    @property
    def lock(self) -> Path:
        """Held by the one process that serves this store."""
        return self.root / "lock"

    def prepare(self) -> None:
        """Make the folders."""
        for folder in (self.objects, self.root / "meta", self.uploads, self.tmp):
            folder.mkdir(parents=True, exist_ok=True)

    def bucket(self, bucket: str) -> Path:
        """The folder of a bucket's objects. ``bucket`` is a checked name."""
        return self.objects / bucket

    def object(self, bucket: str, key: str) -> Path:
        """The file of an object. ``key`` is a checked key."""
        return self.objects / bucket / key

    def meta(self, bucket: str, key: str) -> Path:
        """The file of an object's metadata: by hash, so that no key can meet another's."""
        digest = hashlib.sha256(key.encode()).hexdigest()
        return self.root / "meta" / bucket / digest[:2] / f"{digest}.json"

    def upload(self, upload_id: str) -> Path:
        """The folder of a multipart upload. ``upload_id`` is a checked id."""
        return self.uploads / upload_id
