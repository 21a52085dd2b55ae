"""Proof of identity from the last minutes, before anything that would let a stolen session keep an account."""

from __future__ import annotations

import time

from allauth.account.internal.flows.login import get_authentication_records
from django.http import HttpRequest

from apps.accounts.errors import ReauthenticationRequired

SECONDS = 300
# A second factor alone proves nothing while a session begins, but who is signed in and gives one is who they say.
_PROOFS = ("password", "mfa")


def is_recent(request: HttpRequest) -> bool:
    """Return whether the member gave password, code or passkey within the last five minutes in this session."""
    if not request.user.is_authenticated:
        return False
    given = [float(r["at"]) for r in get_authentication_records(request, request.user) if r.get("method") in _PROOFS]
    return bool(given) and time.time() - max(given) < SECONDS


def require(request: HttpRequest) -> None:
    """Let nothing pass that is not proved.

    Raises:
        ReauthenticationRequired: the last proof is older than five minutes, or there was none.
    """
    if not is_recent(request):
        raise ReauthenticationRequired
