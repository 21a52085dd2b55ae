"""Whether two cells have the same keys, without either saying its own."""

from __future__ import annotations

import hashlib

from django.conf import settings


def keys_sha256() -> str:
    """Return the fingerprint of this cell's ``LMS_SECRET_KEY`` and ``LMS_KEK``, in hexadecimal.

    While there are previous keys they are part of it: what they sealed has to open over there as well.

    Both are long and random, so that nothing can be guessed from it.
    """
    parts = [
        hashlib.sha256(key.encode()).digest() for key in (settings.SECRET_KEY, settings.KEK, *settings.KEK_PREVIOUS)
    ]
    return hashlib.sha256(b"keys of a cell" + b"".join(parts)).hexdigest()
