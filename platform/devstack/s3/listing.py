"""Listing a bucket: keys in the order of their bytes, as S3 gives them, with prefix, delimiter and pages."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from devstack.s3.errors import S3Error
from devstack.s3.records import Record
from devstack.s3.store import Store


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing. ``next_token`` is None on the last."""

    objects: list[tuple[str, Record, float]]
    prefixes: list[str]
    next_token: str | None


def page(
    store: Store,
    bucket: str,
    *,
    prefix: str = "",
    delimiter: str = "",
    after: str = "",
    token: str = "",
    limit: int = 1000,
) -> Page:
    """Return up to ``limit`` keys and common prefixes that come after ``after`` or the place ``token`` stands for.

    Raises:
        S3Error: NoSuchBucket, InvalidArgument.
    """
    store.require_bucket(bucket)
    marker = _decode(token) if token else after
    objects: list[tuple[str, Record, float]] = []
    prefixes: list[str] = []
    last = ""
    for key in _keys(store.layout.bucket(bucket), prefix, marker):
        group = _group(key, prefix, delimiter)
        if group and (group == (prefixes[-1] if prefixes else None) or (token and marker == group)):
            continue
        if len(objects) + len(prefixes) >= limit:
            return Page(objects, prefixes, _encode(last) if limit else None)
        if group:
            prefixes.append(group)
        else:
            try:
                objects.append((key, *store.modified(bucket, key)))
            except (FileNotFoundError, NotADirectoryError):
                continue
        last = group or key
    return Page(objects, prefixes, None)


def _group(key: str, prefix: str, delimiter: str) -> str:
    if not delimiter:
        return ""
    end = key.find(delimiter, len(prefix))
    return key[: end + len(delimiter)] if end >= 0 else ""


def _keys(root: Path, prefix: str, after: str) -> Iterator[str]:
    """Yield the keys that begin with ``prefix`` and come after ``after``, leaving out folders that cannot have any."""

    def walk(folder: str) -> Iterator[str]:
        try:
            with os.scandir(root / folder) as entries:
                # A folder sorts by its name with the slash: so "a-b" comes before "a/c", as their bytes do.
                names = sorted((f"{e.name}/" if e.is_dir(follow_symlinks=False) else e.name) for e in entries)
        except (FileNotFoundError, NotADirectoryError):
            return
        for name in names:
            path = folder + name
            if name.endswith("/"):
                inside = path.startswith(prefix) or prefix.startswith(path)
                if inside and not (path < after and not after.startswith(path)):
                    yield from walk(path)
            elif path.startswith(prefix) and path > after:
                yield path

    yield from walk("")


def _encode(marker: str) -> str:
    return base64.urlsafe_b64encode(marker.encode()).decode()


def _decode(token: str) -> str:
    try:
        return base64.urlsafe_b64decode(token.encode("ascii")).decode()
    except (binascii.Error, ValueError) as error:
        raise S3Error("InvalidArgument", "The continuation token provided is incorrect") from error
