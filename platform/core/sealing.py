"""Small secrets at rest: AES-256-GCM under the key-encryption key, bound to where they belong.

The context is authenticated, not stored: what was sealed for one row does not open in another. ``LMS_KEK`` seals.
What one of ``LMS_KEK_PREVIOUS`` sealed opens too, until ``manage.py reseal`` has sealed it anew.
"""

from __future__ import annotations

import base64
import binascii
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_VERSION = "s1."
_NONCE_BYTES = 12
KEK_BYTES = 32


class SealBroken(Exception):
    """What was sealed does not open: another key, another place, or changed bytes."""


def keks() -> tuple[bytes, ...]:
    """Return the keys that open, that which seals first.

    Raises:
        SealBroken: one of them is not base64 of 32 bytes.
    """
    return tuple(_decoded(text) for text in (settings.KEK, *settings.KEK_PREVIOUS))


def close(plain: bytes, context: bytes) -> bytes:
    """Return the bytes in which ``plain`` may be stored where ``context`` says."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(keks()[0]).encrypt(nonce, plain, context)


def open_box(box: bytes, context: bytes) -> bytes:
    """Undo :func:`close`.

    Raises:
        SealBroken: none of the keys opens it for this context.
    """
    return _opened(box, context)[0]


def renewed(box: bytes, context: bytes) -> bytes | None:
    """Return ``box`` sealed anew by the key that seals now; None where that key sealed it already.

    Raises:
        SealBroken: none of the keys opens it for this context.
    """
    plain, by = _opened(box, context)
    return close(plain, context) if by else None


def seal(secret: str, context: bytes) -> str:
    """Return the text in which ``secret`` may be stored where ``context`` says."""
    return _text(close(secret.encode(), context))


def unseal(sealed: str, context: bytes) -> str:
    """Undo :func:`seal`.

    Raises:
        SealBroken: it was not sealed with one of our keys for this context.
    """
    return open_box(_box(sealed), context).decode()


def renewed_text(sealed: str, context: bytes) -> str | None:
    """Do with a text of :func:`seal` what :func:`renewed` does with bytes."""
    box = renewed(_box(sealed), context)
    return None if box is None else _text(box)


def _text(box: bytes) -> str:
    return _VERSION + base64.urlsafe_b64encode(box).decode("ascii")


def _box(sealed: str) -> bytes:
    try:
        if sealed.startswith(_VERSION):
            return base64.urlsafe_b64decode(sealed.removeprefix(_VERSION))
    except ValueError as error:
        raise SealBroken("This is no sealed text.") from error
    raise SealBroken("This is no sealed text.")


def _opened(box: bytes, context: bytes) -> tuple[bytes, int]:
    """Return what is inside and which of the keys opened it."""
    for by, kek in enumerate(keks()):
        try:
            return AESGCM(kek).decrypt(box[:_NONCE_BYTES], box[_NONCE_BYTES:], context), by
        except (InvalidTag, ValueError):
            continue
    raise SealBroken("This does not open with this LMS_KEK in this place.")


def _decoded(text: str) -> bytes:
    try:
        kek = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        kek = b""
    if len(kek) != KEK_BYTES:
        raise SealBroken("LMS_KEK must be base64 of 32 bytes.")
    return kek
