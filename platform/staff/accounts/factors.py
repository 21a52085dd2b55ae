"""Making and removing factors, and what the first one opens."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction

from core.acting import become
from core.errors import NotFound
from core.telemetry import metrics
from staff import audit
from staff.accounts import limits, passkeys, recovery, sessions, totp
from staff.accounts.signing_in import Step
from staff.errors import CodeRefused
from staff.models import Passkey, StaffAccount, StaffSession


def confirm_totp(session: StaffSession, code: str) -> Step:
    """Take the first code of the new seed.

    Raises:
        CodeRefused: it does not fit, or no seed waits.
    """
    with transaction.atomic():
        if not totp.confirm(session.account, code):
            raise CodeRefused
        limits.right(kind="factor", account=str(session.account_id))
        return _added(session, "totp")


def add_passkey(session: StaffSession, *, name: str, credential: dict[str, Any]) -> tuple[Passkey, Step]:
    """Keep a passkey.

    Raises:
        PasskeyRefused: it does not answer this session's challenge.
    """
    with transaction.atomic():
        made = passkeys.make(session, name=name, credential=credential)
        return made, _added(session, "passkey")


def remove_passkey(session: StaffSession, passkey_id: UUID) -> None:
    """Forget a passkey.

    Raises:
        NotFound: the account has no such passkey. LastFactor: it is the only factor.
    """
    with transaction.atomic():
        if not passkeys.remove(session.account, passkey_id):
            raise NotFound
        _record(session, "staff.factor_removed", "passkey")


def renew_recovery_codes(session: StaffSession) -> tuple[str, ...]:
    """Make ten new recovery codes; the old ones are void."""
    with transaction.atomic():
        codes = recovery.renew(session.account)
        _record(session, "staff.recovery_codes_renewed", "recovery")
    return codes


def _added(session: StaffSession, kind: str) -> Step:
    """The first factor activates the account, brings its recovery codes and opens the console."""
    account = session.account
    become(kind="staff", id=account.id, name=account.name)
    _record(session, "staff.factor_added", kind)
    if session.state != StaffSession.State.ENROLMENT:
        return Step(session)
    # Whoever else stands at this door with the password alone stands there no longer.
    sessions.end_all(account.id, but=session.id)
    StaffAccount.objects.filter(id=account.id, state=StaffAccount.State.INVITED).update(state=StaffAccount.State.ACTIVE)
    codes = recovery.renew(account)
    token = sessions.complete(session)
    _record(session, "staff.signed_in", kind)
    metrics.SIGN_INS.labels("staff", "succeeded", "").inc()
    return Step(session, token, codes)


def _record(session: StaffSession, action: str, kind: str) -> None:
    audit.record(action, object_type="staff_account", object_id=session.account_id, changes={"by": [None, kind]})
