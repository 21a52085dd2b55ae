"""Digests: the canonical form of an entry, of personal words and of a seal. Released forms never change.

Everything is sha256 over compact JSON with sorted keys; times are UTC with microseconds, ids lower-case hex.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from apps.audit.models import AuditEntry, AuditPersonal, AuditSeal

GENESIS = "0" * 64
_ENTRY = (
    "id",
    "at",
    "action",
    "actor_kind",
    "actor_id",
    "on_behalf_of",
    "support_grant",
    "object_type",
    "object_id",
    "object_label",
    "changes",
    "request_id",
    "via",
    "personal",
)


def canonical(value: Any) -> bytes:
    """Return ``value`` as the one JSON text that stands for it."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain).encode()


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"an audit entry cannot hold {type(value).__name__}")


def of_entry(entry: AuditEntry) -> str:
    """Return the digest that ``entry`` must carry: over every column but the digest and the seal's number."""
    return _sha({name: getattr(entry, name) for name in _ENTRY})


def of_personal(row: AuditPersonal) -> str:
    """Return the commitment that the entry holds to these words."""
    return _sha([str(row.id), row.entry_id, row.subject_id, row.kind, row.salt, row.words])


def of_seal(seal: AuditSeal) -> str:
    """Return the hash that ``seal`` must carry: its content and the hash of the seal before it."""
    return _sha([seal.no, seal.entries, seal.first_id, seal.last_id, seal.merkle_root, seal.previous_hash])


def merkle_root(digests: Sequence[str]) -> str:
    """Return the root over ``digests`` in order. Leaves and nodes are told apart; an odd one moves up unpaired."""
    level = [hashlib.sha256(b"\x00" + bytes.fromhex(digest)).digest() for digest in digests]
    while len(level) > 1:
        paired = [hashlib.sha256(b"\x01" + level[at] + level[at + 1]).digest() for at in range(0, len(level) - 1, 2)]
        level = paired + ([level[-1]] if len(level) % 2 else [])
    return level[0].hex()


def _sha(value: Any) -> str:
    return hashlib.sha256(canonical(value)).hexdigest()
