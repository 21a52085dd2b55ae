"""Who is on the staff: set-up links, roles, suspension."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from core.clock import now
from core.errors import NotFound, ValidationFailed
from core.ids import new_secret
from staff import audit
from staff.accounts import sessions, words
from staff.accounts.sessions import Place
from staff.accounts.signing_in import Step, methods_of
from staff.errors import AccountExists, LastOperator, SetUpLinkGone
from staff.models import Passkey, RecoveryCode, SetUpLink, StaffAccount, StaffSession
from staff.policies import OPERATIONS, ROLES
from tenancy.hosts import public_url

LINK_LASTS = timedelta(hours=24)
State = StaffAccount.State


@transaction.atomic
def create(*, email: str, name: str, roles: list[str]) -> tuple[StaffAccount, str]:
    """Make an account and return it with its set-up link, which is shown once.

    Raises:
        AccountExists: somebody has this address. ValidationFailed: no role, or one that is none.
    """
    address = email.strip().lower()
    _check_roles(roles)
    if StaffAccount.objects.filter(email=address).exists():
        raise AccountExists
    account = StaffAccount.objects.create(email=address, name=name.strip(), roles=sorted(set(roles)))
    audit.record(
        "staff.account_created",
        object_type="staff_account",
        object_id=account.id,
        changes={"roles": [[], account.roles]},
    )
    return account, _new_link(account)


@transaction.atomic
def start_over(account_id: UUID, *, reason: str) -> tuple[StaffAccount, str]:
    """For a lost factor or password: forget both, end every session, and return the account with a new set-up link.

    Raises:
        NotFound: there is no such account.
    """
    account = _locked(account_id)
    Passkey.objects.filter(account=account).delete()
    RecoveryCode.objects.filter(account=account).delete()
    account.password_hash, account.totp_sealed, account.totp_pending = "", None, None
    if account.state == State.ACTIVE:
        account.state = State.INVITED
    account.save()
    sessions.end_all(account.id)
    audit.record("staff.account_started_over", object_type="staff_account", object_id=account.id, reason=reason)
    return account, _new_link(account)


def link_for(token: str) -> StaffAccount:
    """Return whose set-up link this is.

    Raises:
        SetUpLinkGone: it was used, has ended or never was, or its account is suspended.
    """
    found = (
        SetUpLink.objects.select_related("account")
        .filter(token_sha256=_sha256(token), used_at=None, expires_at__gt=now())
        .exclude(account__state=State.SUSPENDED)
        .first()
    )
    if found is None:
        raise SetUpLinkGone
    return found.account


def set_up(token: str, *, password: str, place: Place) -> Step:
    """Give the link's account its password; the browser goes on to make the first factor.

    Raises:
        SetUpLinkGone: it opens nothing any more. ValidationFailed: the password is too weak.
    """
    account = link_for(token)
    password_hash = words.hashed(password, email=account.email, name=account.name)
    with transaction.atomic():
        spent = SetUpLink.objects.filter(token_sha256=_sha256(token), used_at=None, expires_at__gt=now())
        if not spent.update(used_at=now()):
            raise SetUpLinkGone
        StaffAccount.objects.filter(id=account.id).update(password_hash=password_hash)
        sessions.end_all(account.id)
        audit.record("staff.password_set", object_type="staff_account", object_id=account.id)
        account.refresh_from_db()
        state = StaffSession.State.SECOND_FACTOR if methods_of(account) else StaffSession.State.ENROLMENT
        session, fresh = sessions.begin(account, state, place)
    return Step(session, fresh)


@transaction.atomic
def change(account_id: UUID, *, roles: list[str] | None, state: str | None, reason: str = "") -> StaffAccount:
    """Change roles or state. A suspension ends every session of the account at once.

    Raises:
        NotFound: there is no such account. LastOperator: nobody with the role of operations would be left.
        ValidationFailed: no role, or one that is none.
    """
    account = _locked(account_id)
    changes: dict[str, object] = {}
    if roles is not None:
        _check_roles(roles)
        wanted = sorted(set(roles))
        if wanted != sorted(account.roles):
            changes["roles"] = [sorted(account.roles), wanted]
            account.roles = wanted
    if state is not None and (state == State.SUSPENDED) is not (account.state == State.SUSPENDED):
        # Back from a suspension: active where there is a factor, else the set-up goes on.
        target = State.SUSPENDED if state == State.SUSPENDED else State.ACTIVE if methods_of(account) else State.INVITED
        changes["state"] = [account.state, target]
        account.state = target
    if not changes:
        return account
    account.save(update_fields=["roles", "state"])
    if not _operators().exists():
        raise LastOperator
    if account.state == State.SUSPENDED:
        sessions.end_all(account.id)
    audit.record(
        "staff.account_changed", object_type="staff_account", object_id=account.id, changes=changes, reason=reason
    )
    return account


def everybody() -> list[StaffAccount]:
    """Return every account by name."""
    return list(StaffAccount.objects.order_by("name", "id"))


def _locked(account_id: UUID) -> StaffAccount:
    # Every account's row: two people who suspend each other must not both find the other still there.
    rows = {row.id: row for row in StaffAccount.objects.select_for_update().order_by("id")}
    if account_id not in rows:
        raise NotFound
    return rows[account_id]


def _operators() -> QuerySet[StaffAccount]:
    return StaffAccount.objects.filter(state=State.ACTIVE, roles__contains=[OPERATIONS])


def _check_roles(roles: list[str]) -> None:
    if not roles or set(roles) - set(ROLES):
        raise ValidationFailed(errors={"roles": "Choose at least one of support, operations and finance."})


def _new_link(account: StaffAccount) -> str:
    SetUpLink.objects.filter(account=account, used_at=None).update(used_at=now())
    token = new_secret()
    SetUpLink.objects.create(account=account, token_sha256=_sha256(token), expires_at=now() + LINK_LASTS)
    return public_url(settings.STAFF_HOST, f"/set-up/{token}")


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
