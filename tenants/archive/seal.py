"""What in an archive only this platform may read or make: sealed credentials, and the seal over the manifest.

Keys are derived from the key-encryption key, one an archive and purpose. A sealed piece names its organization,
archive, table and place as associated data: moved to another place, it does not open.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_NONCE_BYTES = 12


class SealBroken(Exception):
    """A sealed piece does not open: another platform's key, another place, or changed bytes."""


class Seals:
    """The keys of one archive of one organization."""

    def __init__(self, organization_id: UUID, export_id: UUID) -> None:
        self._about = f"{organization_id}|{export_id}"
        self._box = AESGCM(self._key("credentials"))
        self._manifest = self._key("manifest")
        self._digests = self._key("digests")

    def close(self, plain: bytes, *, table: str, place: int) -> bytes:
        """Seal the ``place``-th piece of a table's credentials."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._box.encrypt(nonce, plain, self._context(table, place))

    def open(self, sealed: bytes, *, table: str, place: int) -> bytes:
        """Undo :meth:`close`.

        Raises:
            SealBroken: it does not open here.
        """
        try:
            return self._box.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], self._context(table, place))
        except (InvalidTag, ValueError) as error:
            raise SealBroken(f"piece {place} of {table} does not open") from error

    def digest(self) -> hmac.HMAC:
        """Begin a digest of credentials: equal ones can be told, and nothing can be guessed from it."""
        return hmac.new(self._digests, digestmod=hashlib.sha256)

    def sign(self, manifest_sha256: str) -> str:
        """Return the seal over a manifest, hex."""
        return hmac.new(self._manifest, manifest_sha256.encode(), hashlib.sha256).hexdigest()

    def is_ours(self, manifest_sha256: str, seal: str) -> bool:
        """Whether this platform sealed a manifest with this digest."""
        return hmac.compare_digest(self.sign(manifest_sha256).encode(), seal.encode())

    def _context(self, table: str, place: int) -> bytes:
        return f"lms.archive.v1|{self._about}|{table}|{place}".encode()

    def _key(self, purpose: str) -> bytes:
        info = f"lms.archive.v1|{purpose}|{self._about}".encode()
        kek = base64.b64decode(settings.KEK, validate=True)
        return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=info).derive(kek)
