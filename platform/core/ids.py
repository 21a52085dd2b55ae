"""Identity: every row is named by a UUIDv7, so ids sort by creation and never repeat across organizations."""

from __future__ import annotations

import base64
import secrets
from datetime import UTC, datetime
from uuid import UUID

import uuid_utils

_SHORT_BITS = 60


def new_id() -> UUID:
    """Return a new UUIDv7 (RFC 9562): 48 bits of milliseconds, then random bits."""
    return UUID(bytes=uuid_utils.uuid7().bytes)


def written_at(of: UUID) -> datetime:
    """Return the instant at which an id of :func:`new_id` was made, to the millisecond."""
    return datetime.fromtimestamp((int(of) >> 80) / 1000, tz=UTC)


def first_at(instant: datetime) -> UUID:
    """Return the smallest id that :func:`new_id` could make at ``instant``: for asking by time through the key."""
    return UUID(int=int(instant.timestamp() * 1000) << 80)


def short_name(of: UUID) -> str:
    """Return 12 base32 characters (lower case) of the LAST 60 bits of ``of``.

    The first bits of a version 7 id are the clock and repeat within a millisecond; the last are random.
    """
    tail = int(of) & ((1 << _SHORT_BITS) - 1)
    packed = (tail << 4).to_bytes(8, "big")
    return base64.b32encode(packed).decode("ascii").rstrip("=")[:12].lower()


def new_secret() -> str:
    """Return a URL-safe secret of 256 random bits, for links and codes that are stored as a hash only."""
    return secrets.token_urlsafe(32)


def new_salt() -> str:
    """Return 128 random bits in hex: without its salt a hash of a name tells nothing about the name."""
    return secrets.token_hex(16)
