"""Limits of sign-up: per address, per IP and for everybody together, by the hour."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.core.cache import cache

from core.clock import now
from core.errors import TooManyRequests

HOUR_SECONDS = 3600


def count(*, kind: str, subject: str, limit: int) -> None:
    """Count one more ``kind`` of ``subject`` in this hour.

    Raises:
        TooManyRequests: the hour's limit is reached; ``retry_after_seconds`` is the rest of the hour.
    """
    moment = int(now().timestamp())
    hour, gone = divmod(moment, HOUR_SECONDS)
    name = hashlib.sha256(subject.lower().encode()).hexdigest()[:32]  # no address in a key
    key = f"limit:{kind}:{name}:{hour}"
    # Two hours, so that a key made at the hour's first second cannot end between these two lines.
    cache.add(key, 0, 2 * HOUR_SECONDS)
    if cache.incr(key) > limit:
        raise TooManyRequests("Too many tries in this hour. Come back later.", retry_after_seconds=HOUR_SECONDS - gone)


def count_sign_up(*, email: str, ip: str) -> None:
    """Count a sign-up against its three limits.

    Raises:
        TooManyRequests: one of them is reached.
    """
    limits = settings.SIGN_UP_LIMITS
    count(kind="sign-up-ip", subject=ip, limit=limits["ip"])
    count(kind="sign-up-email", subject=email, limit=limits["email"])
    count(kind="sign-up-all", subject="all", limit=limits["all"])


def count_code_mail(*, email: str) -> None:
    """Count a code sent to one address.

    Raises:
        TooManyRequests: it had enough mail this hour.
    """
    count(kind="code-mail", subject=email, limit=settings.SIGN_UP_LIMITS["mail"])
