"""Codes of authenticator apps and recovery codes: each works once, and guessing ends.

A code of the app counts once even after a restart of the cache: the row remembers the last time step it accepted. What
failed is counted by member and by address; a success does not forgive it, so an attacker can't ride on the owner's.
"""

from __future__ import annotations

from uuid import UUID

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.db import transaction
from django.http import HttpRequest

from apps.accounts import limits
from core.clock import now
from core.http.client import client_ip

PERIOD_SECONDS = 30
# One step back and one ahead: a code typed as it changes, and a phone whose clock is half a minute off.
TOLERANCE_STEPS = 1
CODES = 10  # recovery codes a member has, as settings say

MEMBER_LIMITS = ((5, 300), (20, 3600))  # (how many, within seconds)
ADDRESS_LIMITS = ((30, 3600),)


def step_of(secret: str, code: str, *, after: int = -1) -> int | None:
    """Return the time step that ``code`` belongs to, if it is a current one later than ``after``."""
    current = int(now().timestamp()) // PERIOD_SECONDS
    for step in range(current - TOLERANCE_STEPS, current + TOLERANCE_STEPS + 1):
        if step > after and compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, step))):
            return step
    return None


@transaction.atomic
def spend(member_id: UUID, code: str) -> Authenticator | None:
    """Accept ``code`` of the member's app, or one of their recovery codes, once; return what it was of, or None."""
    rows = Authenticator.objects.select_for_update().filter(
        user_id=member_id, type__in=(Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)
    )
    for row in sorted(rows, key=lambda found: found.type != Authenticator.Type.TOTP):
        if row.type == Authenticator.Type.TOTP:
            step = step_of(decrypt(row.data["secret"]), code, after=row.data.get("last_step", -1))
            if step is not None:
                row.data["last_step"] = step
                row.save(update_fields=["data"])
                return row
        elif row.wrap().validate_code(code):
            row.refresh_from_db()
            return row
    return None


def attempt(request: HttpRequest, member_id: UUID, code: str) -> Authenticator | None:
    """Let somebody who proved the first factor, or is signed in, try a code; return what it was of, or None.

    Raises:
        TooManyRequests: too many failed within the window; a right code is not even looked at.
    """
    attempts = limits.Attempts(
        kind="second-factor",
        subjects={f"member:{member_id}": MEMBER_LIMITS, f"ip:{client_ip(request)}": ADDRESS_LIMITS},
    )
    attempts.begin()
    found = spend(member_id, code)
    if found is not None:
        attempts.succeeded()
    return found


def left(recovery_codes: Authenticator) -> int:
    """Return how many recovery codes were not used yet."""
    return CODES - int(recovery_codes.data.get("used_mask", 0)).bit_count()
