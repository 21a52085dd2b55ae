"""An address as a key that says nothing: what may stand outside the organization's schema instead of the address."""

from __future__ import annotations

import hashlib
import hmac

from core.sealing import keks


def hmac_of(address: str) -> str:
    """Return the keyed hash (hex) of an e-mail address, the same for every spelling of its case.

    The key is derived from ``LMS_KEK``: without it nobody can try addresses against a stolen index.
    """
    key = hmac.digest(keks()[0], b"lms.email-index", hashlib.sha256)
    return hmac.new(key, address.strip().lower().encode(), hashlib.sha256).hexdigest()
