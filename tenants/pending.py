"""Sign-ups before their e-mail is proved. They live in Redis for 30 minutes; PostgreSQL knows nothing of them."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.core.cache import cache

from core.ids import new_secret
from tenants.slugs import skeleton

HELD_SECONDS = 30 * 60
MAX_CODE_TRIES = 6
MAX_TRIES_OF_ALL_CODES = 20  # of a sign-up, however often its code is sent again: 1 in 50,000 to guess
RESEND_AFTER_SECONDS = 60


@dataclass(frozen=True, slots=True)
class PendingSignUp:
    """What a person typed, with the password hashed, until the code proves the address."""

    organization_name: str
    slug: str
    owner_name: str
    owner_email: str
    password_hash: str
    terms_version: str
    expires_at: str


def hold(pending: PendingSignUp) -> str | None:
    """Hold the slug and keep the sign-up for 30 minutes; return its token, or None where the slug is held already.

    A hold is of everything that looks like the slug: two look-alikes must not both be proved.
    """
    token = new_secret()
    # The same person starting over takes their own hold along; somebody else's is left alone.
    holder = _holder(pending.owner_email)
    if not cache.add(_slug_key(pending.slug), holder, HELD_SECONDS):
        if cache.get(_slug_key(pending.slug)) != holder:
            return None
        cache.touch(_slug_key(pending.slug), HELD_SECONDS)  # the hold lasts as long as the newest sign-up
    cache.set(_key(token), asdict(pending), HELD_SECONDS)
    cache.set(_key(token, "all-tries"), 0, HELD_SECONDS)
    return token


def is_held(slug: str) -> bool:
    """Return whether an unproved sign-up holds ``slug`` or what looks like it."""
    return cache.get(_slug_key(slug)) is not None


def hold_slug(slug: str, *, holder: str, seconds: int) -> bool:
    """Hold ``slug`` and what looks like it for a moment; return False where somebody else holds it."""
    key = _slug_key(slug)
    return bool(cache.add(key, holder, seconds)) or cache.get(key) == holder


def let_go_of_slug(slug: str, *, holder: str) -> None:
    """End a hold of ``holder``."""
    if cache.get(_slug_key(slug)) == holder:
        cache.delete(_slug_key(slug))


def find(token: str) -> PendingSignUp | None:
    """Return the sign-up of ``token``, or None where it expired."""
    found: dict[str, Any] | None = cache.get(_key(token))
    return PendingSignUp(**found) if found else None


def new_code(token: str) -> str:
    """Make a six-digit code for ``token``, replacing the one before; only its keyed hash is kept."""
    code = f"{secrets.randbelow(1_000_000):06d}"
    cache.set(_key(token, "code"), _code_hash(token, code), HELD_SECONDS)
    cache.set(_key(token, "tries"), 0, HELD_SECONDS)
    return code


def check_code(token: str, code: str) -> tuple[bool, int]:
    """Return whether ``code`` is right and how many tries are left. A spent code is never right.

    A sign-up on which twenty codes were tried ends: a new code gives new tries, but not for ever.
    """
    try:
        tries, all_tries = cache.incr(_key(token, "tries")), cache.incr(_key(token, "all-tries"))
    except ValueError:  # expired
        return False, 0
    if all_tries > MAX_TRIES_OF_ALL_CODES:
        cache.delete(_key(token))
        return False, 0
    if tries > MAX_CODE_TRIES:
        return False, 0
    known = cache.get(_key(token, "code")) or ""
    return hmac.compare_digest(known, _code_hash(token, code)), MAX_CODE_TRIES - tries


def may_resend(token: str) -> bool:
    """Return whether a minute has passed since the last code, and start the next minute."""
    return bool(cache.add(_key(token, "resent"), 1, RESEND_AFTER_SECONDS))


def forget(token: str, slug: str) -> None:
    """Drop the sign-up and its hold: PostgreSQL has it now."""
    parts = ("data", "code", "tries", "all-tries", "resent")
    cache.delete_many([*(_key(token, part) for part in parts), _slug_key(slug)])


def sha256(value: str) -> str:
    """Return the hex digest under which a random secret is kept."""
    return hashlib.sha256(value.encode()).hexdigest()


def _key(token: str, part: str = "data") -> str:
    return f"sign-up:{sha256(token)}:{part}"


def _slug_key(slug: str) -> str:
    return f"sign-up:slug:{skeleton(slug)}"


def _holder(email: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), email.lower().encode(), "sha256").hexdigest()


def _code_hash(token: str, code: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), f"{token}:{code}".encode(), "sha256").hexdigest()
