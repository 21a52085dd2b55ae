"""Recovery codes: ten, each opens once in place of a factor; only their hashes are kept."""

from __future__ import annotations

import hashlib
import secrets

from django.db import transaction

from core.clock import now
from staff.models import RecoveryCode, StaffAccount

COUNT = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike
_LENGTH = 16  # 79 bits


def renew(account: StaffAccount) -> tuple[str, ...]:
    """Make ten new codes and return them; the old ones open nothing any more."""
    codes = tuple(_new() for _ in range(COUNT))
    with transaction.atomic():
        RecoveryCode.objects.filter(account=account).delete()
        RecoveryCode.objects.bulk_create([RecoveryCode(account=account, code_sha256=_sha256(code)) for code in codes])
    return codes


def left(account: StaffAccount) -> int:
    """Return how many codes still open."""
    return RecoveryCode.objects.filter(account=account, used_at=None).count()


def spend(account: StaffAccount, code: str) -> bool:
    """Use a code up; return whether it was one of the account's that was still good."""
    return bool(
        RecoveryCode.objects.filter(account=account, code_sha256=_sha256(code), used_at=None).update(used_at=now())
    )


def _new() -> str:
    letters = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    return "-".join(letters[start : start + 4] for start in range(0, _LENGTH, 4))


def _sha256(code: str) -> str:
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()
