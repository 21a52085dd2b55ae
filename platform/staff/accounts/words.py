"""Passwords of staff accounts: argon2 hashes, and what a new one has to be."""

from __future__ import annotations

from functools import lru_cache

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from core.errors import ValidationFailed
from core.ids import new_secret

MIN_LENGTH = 12
MAX_LENGTH = 200


def hashed(password: str, *, email: str, name: str) -> str:
    """Return the hash of a password that is good enough.

    Raises:
        ValidationFailed: it is too short, too common or made of the person's name or address.
    """
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise ValidationFailed(errors={"password": f"Use at least {MIN_LENGTH} characters."})
    lowered = password.lower()
    if any(part and len(part) > 3 and part in lowered for part in (*name.lower().split(), email.split("@")[0])):
        raise ValidationFailed(errors={"password": "This holds your name or address. Choose something else."})
    try:
        validate_password(password)
    except ValidationError as weak:
        raise ValidationFailed(errors={"password": " ".join(weak.messages)}) from weak
    return make_password(password)


def fits(password: str, password_hash: str) -> bool:
    """Return whether ``password`` is the one; where there is none to compare with, as much work is done in vain."""
    if not password_hash:
        check_password(password, _nobodys())
        return False
    return check_password(password, password_hash)


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return make_password(new_secret())
