"""From an address and a password to a session between the factors, and from a factor into the console."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.db import transaction

from core.acting import become
from core.errors import TooManyRequests
from core.telemetry import metrics
from staff import audit
from staff.accounts import limits, sessions, words
from staff.accounts.sessions import Place
from staff.errors import SignInRefused
from staff.models import Passkey, StaffAccount, StaffSession

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Step:
    """Where a browser has got to. ``token`` goes into its cookie; None leaves the cookie as it is."""

    session: StaffSession
    token: str | None = None
    recovery_codes: tuple[str, ...] = ()


def methods_of(account: StaffAccount) -> list[str]:
    """Return the factors that the account has: ``totp``, ``passkey``, ``recovery``."""
    found = []
    if account.totp_sealed is not None:
        found.append("totp")
    if Passkey.objects.filter(account=account).exists():
        found.append("passkey")
    if found and account.recovery_codes.filter(used_at=None).exists():
        found.append("recovery")
    return found


def enter(*, email: str, password: str, place: Place) -> Step:
    """Take address and password; the factor is still to come, or to be made.

    Raises:
        SignInRefused: they do not open an account. TooManyRequests: too many tries.
    """
    address = email.strip().lower()
    _guess(kind="password", account=address, place=place)
    account = StaffAccount.objects.filter(email=address).first()
    fits = words.fits(password, account.password_hash if account else "")
    if account is None:
        _count_refusal("unknown")
        raise SignInRefused
    if not fits or account.state == StaffAccount.State.SUSPENDED:
        _count_refusal("suspended" if fits else "password")
        _note_refusal(account, "password")
        raise SignInRefused
    limits.right(kind="password", account=address)
    state = StaffSession.State.SECOND_FACTOR if methods_of(account) else StaffSession.State.ENROLMENT
    session, token = sessions.begin(account, state, place)
    return Step(session, token)


def factor_guess(session: StaffSession, place: Place) -> None:
    """Count one more guess at the account's factor, over all its sessions and kinds.

    Raises:
        TooManyRequests: too many tries.
    """
    _guess(kind="factor", account=str(session.account_id), place=place)


def proved(session: StaffSession, *, by: str) -> Step:
    """Go on after a factor was proved: into the console, or with a fresh proof where it was open already."""
    account = session.account
    limits.right(kind="factor", account=str(account.id))
    become(kind="staff", id=account.id, name=account.name)
    with transaction.atomic():
        if session.state == StaffSession.State.SIGNED_IN:
            sessions.note_proof(session)
            return Step(session)
        token = sessions.complete(session)
        audit.record("staff.signed_in", object_type="staff_account", object_id=account.id, changes={"by": [None, by]})
    metrics.SIGN_INS.labels("staff", "succeeded", "").inc()
    return Step(session, token)


def refused(session: StaffSession, *, by: str) -> None:
    """Put a factor that did not fit on record: whoever tries one has the password."""
    _count_refusal(by)
    _note_refusal(session.account, by)


def _guess(*, kind: str, account: str, place: Place) -> None:
    try:
        limits.guess(kind=kind, account=account, ip=place.ip)
    except TooManyRequests:
        _count_refusal("limited")
        raise


def _count_refusal(reason: str) -> None:
    metrics.SIGN_INS.labels("staff", "failed", reason).inc()
    _log.warning("staff.sign_in_failed", extra={"reason": reason})


def _note_refusal(account: StaffAccount, by: str) -> None:
    become(kind="visitor", id=None, name="")
    with transaction.atomic():
        audit.record(
            "staff.sign_in_refused", object_type="staff_account", object_id=account.id, changes={"by": [None, by]}
        )
