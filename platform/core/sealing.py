"""Small secrets at rest: AES-256-GCM under ``LMS_KEK``, bound to where they belong.

The context is authenticated, not stored: a sealed text that is copied to another row does not open there.
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
_KEK_BYTES = 32


class SealBroken(Exception):
    """What was sealed does not open: another key, another place, or changed bytes."""


def seal(secret: str, context: bytes) -> str:
    """Return the text in which ``secret`` may be stored where ``context`` says."""
    nonce = os.urandom(_NONCE_BYTES)
    box = nonce + AESGCM(_kek()).encrypt(nonce, secret.encode(), context)
    return _VERSION + base64.urlsafe_b64encode(box).decode("ascii")


def unseal(sealed: str, context: bytes) -> str:
    """Undo :func:`seal`.

    Raises:
        SealBroken: it was not sealed with this key for this context.
    """
    try:
        if not sealed.startswith(_VERSION):
            raise InvalidTag
        box = base64.urlsafe_b64decode(sealed.removeprefix(_VERSION))
        return AESGCM(_kek()).decrypt(box[:_NONCE_BYTES], box[_NONCE_BYTES:], context).decode()
    except (InvalidTag, ValueError) as error:
        raise SealBroken("This secret does not open with this LMS_KEK in this place.") from error


def _kek() -> bytes:
    try:
        kek = base64.b64decode(settings.KEK, validate=True)
    except (binascii.Error, ValueError):
        kek = b""
    if len(kek) != _KEK_BYTES:
        raise SealBroken("LMS_KEK must be base64 of 32 bytes.")
    return kek
