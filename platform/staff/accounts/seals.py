"""TOTP seeds at rest: AES-256-GCM under the key-encryption key, bound to the account they belong to."""

from __future__ import annotations

import base64
import binascii
import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_VERSION = b"\x01"
_NONCE_BYTES = 12


class SealBroken(Exception):
    """A sealed seed does not open: another key-encryption key, another account, or changed bytes."""


def seal(seed: str, account_id: UUID) -> bytes:
    """Return the bytes in which ``seed`` may be stored for this account."""
    nonce = os.urandom(_NONCE_BYTES)
    return _VERSION + nonce + AESGCM(_kek()).encrypt(nonce, seed.encode(), _context(account_id))


def unseal(sealed: bytes, account_id: UUID) -> str:
    """Undo :func:`seal`.

    Raises:
        SealBroken: it does not open.
    """
    box = bytes(sealed)
    if box[:1] != _VERSION:
        raise SealBroken("unknown form")
    try:
        opened = AESGCM(_kek()).decrypt(box[1 : 1 + _NONCE_BYTES], box[1 + _NONCE_BYTES :], _context(account_id))
    except (InvalidTag, ValueError) as error:
        raise SealBroken("The seed does not open with this LMS_KEK for this account.") from error
    return opened.decode()


def _context(account_id: UUID) -> bytes:
    return b"lms.staff.totp-seed|" + account_id.bytes


def _kek() -> bytes:
    try:
        return base64.b64decode(settings.KEK, validate=True)
    except binascii.Error as error:
        raise SealBroken("LMS_KEK must be base64 of 32 bytes.") from error
