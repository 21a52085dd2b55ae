"""The checksums a client may send with what it uploads, each named as in ``x-amz-checksum-<name>``."""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from collections.abc import Callable
from typing import Protocol

import crc32c as _crc32c

from devstack.s3.errors import S3Error


class Hasher(Protocol):
    """What all checksums have in common."""

    def update(self, data: bytes, /) -> None:
        """Take in more bytes."""

    def digest(self) -> bytes:
        """Return the checksum, big endian."""


class _Crc:
    __slots__ = ("_step", "_value")

    def __init__(self, step: Callable[[bytes, int], int]) -> None:
        self._step = step
        self._value = 0

    def update(self, data: bytes, /) -> None:
        self._value = self._step(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(4, "big")


_NEW: dict[str, Callable[[], Hasher]] = {
    "crc32": lambda: _Crc(zlib.crc32),
    "crc32c": lambda: _Crc(_crc32c.crc32c),
    "sha1": lambda: hashlib.sha1(usedforsecurity=False),
    "sha256": hashlib.sha256,
}
_LENGTH = {"crc32": 4, "crc32c": 4, "sha1": 20, "sha256": 32, "md5": 16}


def known(name: str) -> bool:
    """Whether the store can compute this checksum."""
    return name in _NEW


def new(name: str) -> Hasher:
    """Start a checksum.

    Raises:
        S3Error: InvalidRequest for a name the store does not know.
    """
    if name not in _NEW:
        raise S3Error("InvalidRequest", f"The checksum algorithm {name} is not supported.")
    return _NEW[name]()


def decode(name: str, value: str) -> bytes:
    """Return the bytes of a checksum sent in base64.

    Raises:
        S3Error: InvalidDigest (Content-MD5) or InvalidRequest where it is not base64 of the right length.
    """
    try:
        raw = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != _LENGTH[name]:
        code = "InvalidDigest" if name == "md5" else "InvalidRequest"
        raise S3Error(code, f"The value of the {name} checksum is not valid.")
    return raw


def encode(raw: bytes) -> str:
    """Return the base64 form in which checksums travel."""
    return base64.b64encode(raw).decode("ascii")


def composite(name: str, parts: list[bytes]) -> str:
    """Return the checksum of a multipart object: the checksum of its parts' checksums, and how many there are."""
    hasher = new(name)
    hasher.update(b"".join(parts))
    return f"{encode(hasher.digest())}-{len(parts)}"
