"""Limits on guessing, by account and by address on the network. Without Valkey there is no limit, so no guess."""

from __future__ import annotations

import hashlib

from django.core.cache import cache

from core.clock import now
from core.errors import TooManyRequests

WINDOW_SECONDS = 900
PER_ACCOUNT = 10
PER_ADDRESS = 40


def guess(*, kind: str, account: str, ip: str) -> None:
    """Count one more guess, before it is looked at: guesses made at the same time count each.

    A right answer gives nothing back to the address and everything to the account (:func:`right`).

    Raises:
        TooManyRequests: this account, or this address, has guessed too often in this quarter of an hour.
        redis.ConnectionError: Valkey does not answer: the request is refused with 503.
    """
    _count(f"{kind}:account:{_name(account)}", PER_ACCOUNT)
    _count(f"{kind}:address:{_name(ip)}", PER_ADDRESS)


def right(*, kind: str, account: str) -> None:
    """Forget the account's guesses of this kind: its own person has come."""
    cache.delete(_key(f"{kind}:account:{_name(account)}")[0])


def _count(subject: str, limit: int) -> None:
    key, left = _key(subject)
    cache.add(key, 0, 2 * WINDOW_SECONDS)
    if cache.incr(key) > limit:
        raise TooManyRequests("Too many tries. Come back in a quarter of an hour.", retry_after_seconds=left)


def _key(subject: str) -> tuple[str, int]:
    window, gone = divmod(int(now().timestamp()), WINDOW_SECONDS)
    return f"staff-guess:{subject}:{window}", WINDOW_SECONDS - gone


def _name(text: str) -> str:
    return hashlib.sha256(text.lower().encode()).hexdigest()[:32]  # no address in a key
