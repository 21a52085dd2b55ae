"""What in an archive only this platform may read or make: sealed credentials, and the seal over the manifest.

Keys are derived from the key-encryption key, one an archive and purpose. A sealed piece names its organization,
archive, table and place as associated data: moved to another place, it does not open. What was made under a previous
key-encryption key opens as long as that one is given, also an archive that was begun under one and ended under another.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.sealing import keks

_NONCE_BYTES = 12


class SealBroken(Exception):
    """A sealed piece does not open: another platform's key, another place, or changed bytes."""


class Digest:
    """A digest of credentials: equal ones can be told, and nothing can be guessed from it."""

    def __init__(self, keys: list[bytes]) -> None:
        self._by_key = [hmac.new(key, digestmod=hashlib.sha256) for key in keys]

    def update(self, plain: bytes) -> None:
        """Take in what follows."""
        for one in self._by_key:
            one.update(plain)

    def hexdigest(self) -> str:
        """Return the digest under the present key."""
        return self._by_key[0].hexdigest()

    def fits(self, written: str) -> bool:
        """Whether ``written`` is the digest of the same under one of the keys."""
        return any(hmac.compare_digest(one.hexdigest().encode(), written.encode()) for one in self._by_key)


class Seals:
    """The keys of one archive of one organization."""

    def __init__(self, organization_id: UUID, export_id: UUID) -> None:
        self._about = f"{organization_id}|{export_id}"
        self._boxes = [AESGCM(key) for key in self._keys("credentials")]
        self._manifests = self._keys("manifest")
        self._digests = self._keys("digests")

    def close(self, plain: bytes, *, table: str, place: int) -> bytes:
        """Seal the ``place``-th piece of a table's credentials."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._boxes[0].encrypt(nonce, plain, self._context(table, place))

    def open(self, sealed: bytes, *, table: str, place: int) -> bytes:
        """Undo :meth:`close`.

        Raises:
            SealBroken: it does not open here.
        """
        for box in self._boxes:
            try:
                return box.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], self._context(table, place))
            except (InvalidTag, ValueError):
                continue
        raise SealBroken(f"piece {place} of {table} does not open")

    def digest(self) -> Digest:
        """Begin a digest of credentials."""
        return Digest(self._digests)

    def sign(self, manifest_sha256: str) -> str:
        """Return the seal over a manifest, hex."""
        return _signed(self._manifests[0], manifest_sha256)

    def is_ours(self, manifest_sha256: str, seal: str) -> bool:
        """Whether this platform sealed a manifest with this digest."""
        signed = [_signed(key, manifest_sha256) for key in self._manifests]
        return any(hmac.compare_digest(one.encode(), seal.encode()) for one in signed)

    def _context(self, table: str, place: int) -> bytes:
        return f"lms.archive.v1|{self._about}|{table}|{place}".encode()

    def _keys(self, purpose: str) -> list[bytes]:
        info = f"lms.archive.v1|{purpose}|{self._about}".encode()
        return [HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info).derive(kek) for kek in keks()]


def _signed(key: bytes, manifest_sha256: str) -> str:
    return hmac.new(key, manifest_sha256.encode(), hashlib.sha256).hexdigest()
