"""TOTP seeds at rest, sealed and bound to the account they belong to."""

from __future__ import annotations

from uuid import UUID

from core import sealing
from core.resealing import Sealed
from core.sealing import SealBroken
from staff.models import StaffAccount

_VERSION = b"\x01"


def seal(seed: str, account_id: UUID) -> bytes:
    """Return the bytes in which ``seed`` may be stored for this account."""
    return _VERSION + sealing.close(seed.encode(), _context(account_id))


def unseal(sealed: bytes, account_id: UUID) -> str:
    """Undo :func:`seal`.

    Raises:
        SealBroken: it does not open for this account.
    """
    return sealing.open_box(_box(sealed), _context(account_id)).decode()


def _renew(account: StaffAccount) -> bool:
    changed = False
    for column in SEALED.columns:
        if (kept := getattr(account, column)) is None:
            continue
        box = sealing.renewed(_box(kept), _context(account.id))
        if box is not None:
            setattr(account, column, _VERSION + box)
            changed = True
    return changed


SEALED = Sealed("seeds of staff", StaffAccount.objects.all, _renew, ("totp_sealed", "totp_pending"))


def _box(sealed: bytes) -> bytes:
    box = bytes(sealed)
    if box[:1] != _VERSION:
        raise SealBroken("unknown form")
    return box[1:]


def _context(account_id: UUID) -> bytes:
    return b"lms.staff.totp-seed|" + account_id.bytes
