"""Canonical JSON: one byte string for one meaning, so that a body can be named by its hash.

Keys are sorted, strings are in Unicode NFC, there is no insignificant space, and a whole number has one spelling
(``1.0`` is written ``1``), because PostgreSQL's jsonb gives numbers back by value and not by spelling. The idea is
RFC 8785's (JSON Canonicalization Scheme), without its ECMAScript number format, which jsonb would not keep either.
"""

from __future__ import annotations

import hashlib
import json
import math
import unicodedata
from typing import Any

MAX_DEPTH = 64


class NotCanonical(ValueError):
    """The value has no canonical form: it is no JSON, nests too deep, or holds text that cannot be stored."""


def canonical(value: Any) -> Any:
    """Return ``value`` in canonical form: what is stored, hashed and compared is this.

    Raises:
        NotCanonical: NaN, infinity, a NUL or a lone surrogate in a string, two keys that become one under NFC,
            a key that is no string, or more than 64 levels.
    """
    return _canonical(value, 0)


def canonical_bytes(value: Any) -> bytes:
    """Return the UTF-8 bytes of the canonical form of ``value``. Raises NotCanonical as :func:`canonical` does."""
    return json.dumps(
        canonical(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode("utf-8")


def digest(value: Any) -> str:
    """Return sha256 over the canonical form of ``value``, as 64 hex digits."""
    return hashlib.sha256(canonical_bytes(value)).hexdigest()


def _canonical(value: Any, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise NotCanonical(f"more than {MAX_DEPTH} levels")
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise NotCanonical("a number that is not finite")
        return int(value) if value.is_integer() else value
    if isinstance(value, list | tuple):
        return [_canonical(inner, depth + 1) for inner in value]
    if isinstance(value, dict):
        out: dict[str, Any] = {}
        for key, inner in value.items():
            if not isinstance(key, str):
                raise NotCanonical("a key that is not a string")
            name = _text(key)
            if name in out:
                raise NotCanonical(f"the key {name!r} twice")
            out[name] = _canonical(inner, depth + 1)
        return dict(sorted(out.items()))
    raise NotCanonical(f"a value of type {type(value).__name__}")


def _text(value: str) -> str:
    text = unicodedata.normalize("NFC", value)
    if "\x00" in text:
        raise NotCanonical("a NUL in a string")  # text and jsonb of PostgreSQL cannot hold it
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as broken:
        raise NotCanonical("a lone surrogate in a string") from broken
    return text
