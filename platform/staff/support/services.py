"""Ask for support access, agree, refuse, enter, end. All of it works on the shared schema (``tenancy.platform``)."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

import tenancy
from apps.accounts import api as accounts
from core.clock import now
from core.errors import NotFound, ValidationFailed
from staff import audit
from staff.models import StaffAccount, SupportConsent, SupportGrant
from staff.models.support import MAX_MINUTES
from staff.policies import ACT, ROLE_PERMISSIONS
from staff.support import notices
from staff.support.errors import GrantNotFound, GrantOver, NothingToSupport, SupportOff, SupportOpenAlready
from tenancy.record import TenantRecord
from tenants.api import load_organization, note

State, Scope, End, Mode = SupportGrant.State, SupportGrant.Scope, SupportGrant.End, SupportConsent.Mode

# How long a request waits for an owner's word.
CONSENT_LIFE = timedelta(hours=24)
DEFAULT_MODE = Mode.OPEN
LONGEST_REASON, LONGEST_TICKET, SHORTEST_REASON = 1000, 100, 10


def mode_of(organization_id: UUID) -> str:
    """Return whether support may open the organization: ``open``, ``ask`` or ``off``."""
    found = SupportConsent.objects.filter(organization_id=organization_id).values_list("mode", flat=True).first()
    return found or str(DEFAULT_MODE)


def choose_mode(organization_id: UUID, mode: str, *, owner_id: UUID) -> None:
    """Let the organization's owner choose. ``off`` ends what is open and what waits."""
    with transaction.atomic():
        before = mode_of(organization_id)
        SupportConsent.objects.update_or_create(
            organization_id=organization_id, defaults={"mode": mode, "updated_by": owner_id, "updated_at": now()}
        )
        if before != mode:
            note(organization_id, "support.consent.changed", changes={"mode": [before, mode]})
    if mode == Mode.OFF:
        end_all(reason=End.OWNER, organization_id=organization_id)


def request_access(
    *,
    staff: StaffAccount,
    organization_id: UUID,
    member_id: UUID | None,
    reason: str,
    ticket: str,
    scope: str,
    minutes: int,
) -> SupportGrant:
    """Open support access, or ask an owner for it where the organization wants to be asked; its owners are told.

    Raises:
        NothingToSupport: the organization serves nobody. SupportOff: it does not let support in.
        SupportOpenAlready: this person has an access that is open or waiting. NotFound: no such member.
        ValidationFailed: no reason or ticket, more than an hour, or writing on nobody's behalf.
    """
    record = _serving(organization_id)
    reason, ticket = reason.strip(), ticket.strip()
    _check(record, member_id=member_id, reason=reason, ticket=ticket, scope=scope, minutes=minutes)
    mode = mode_of(organization_id)
    if mode == Mode.OFF:
        raise SupportOff
    end_expired()
    at = now()
    asked = mode == Mode.ASK
    grant = SupportGrant(
        staff=staff,
        organization_id=organization_id,
        member_id=member_id,
        reason=reason,
        ticket=ticket,
        scope=scope,
        minutes=minutes,
        requested_at=at,
        state=State.AWAITING if asked else State.ACTIVE,
        starts_at=None if asked else at,
        expires_at=at + (CONSENT_LIFE if asked else timedelta(minutes=minutes)),
    )
    try:
        with transaction.atomic():
            grant.save(force_insert=True)
            _keep(grant, "support.access.requested" if asked else "support.access.started", _terms(grant))
    except IntegrityError as taken:
        raise SupportOpenAlready from taken
    notices.asked(record, grant) if asked else notices.started(record, grant)
    return grant


def agree(grant_id: UUID, *, organization_id: UUID, owner_id: UUID) -> SupportGrant:
    """Let a waiting access begin now, for the minutes it asked for.

    Raises:
        GrantNotFound: none of this organization. GrantOver: it waits no longer.
    """
    record = _serving(organization_id)
    with transaction.atomic():
        grant = _locked(grant_id, organization_id=organization_id)
        if grant.state != State.AWAITING or grant.expires_at <= now():
            raise GrantOver
        grant.state, grant.decided_by, grant.starts_at = State.ACTIVE, owner_id, now()
        grant.expires_at = grant.starts_at + timedelta(minutes=grant.minutes)
        grant.save(update_fields=["state", "decided_by", "starts_at", "expires_at"])
        _keep(grant, "support.access.started", _terms(grant))
    notices.started(record, grant)
    return grant


def refuse(grant_id: UUID, *, organization_id: UUID, owner_id: UUID) -> SupportGrant:
    """Refuse a waiting access.

    Raises:
        GrantNotFound, GrantOver
    """
    with transaction.atomic():
        grant = _locked(grant_id, organization_id=organization_id)
        if grant.state != State.AWAITING:
            raise GrantOver
        grant.decided_by = owner_id
        _end(grant, End.REFUSED, fields=["decided_by"])
        _keep(grant, "support.access.refused", _terms(grant))
    return grant


def end(
    grant_id: UUID, *, reason: str, organization_id: UUID | None = None, staff_id: UUID | None = None
) -> SupportGrant:
    """End an access with the next request of whoever has it. Safe to repeat. A filter narrows whose it may be.

    Raises:
        GrantNotFound: there is none, or none of this organization or person.
    """
    with transaction.atomic():
        grant = _locked(grant_id, organization_id=organization_id, staff_id=staff_id)
        if grant.ended_at is not None:
            return grant
        began = grant.starts_at is not None
        _end(grant, reason)
        _keep(grant, "support.access.ended", {"end_reason": reason})
    if began:
        notices.ended(grant)
    return grant


def end_all(*, reason: str, organization_id: UUID | None = None) -> int:
    """End every access, or every one to one organization; return how many."""
    rows = SupportGrant.objects.filter(ended_at=None)
    if organization_id is not None:
        rows = rows.filter(organization_id=organization_id)
    ids = list(rows.values_list("id", flat=True))
    for grant_id in ids:
        end(grant_id, reason=reason)
    return len(ids)


def end_expired() -> int:
    """Write down the end of what has run out, and tell the owners; return how many. It opened nothing any more."""
    ids = list(SupportGrant.objects.filter(ended_at=None, expires_at__lte=now()).values_list("id", flat=True))
    for grant_id in ids:
        end(grant_id, reason=End.EXPIRED)
    return len(ids)


def grant_of(grant_id: UUID) -> SupportGrant:
    """Return one access.

    Raises:
        GrantNotFound: there is none.
    """
    found = SupportGrant.objects.select_related("staff").filter(id=grant_id).first()
    if found is None:
        raise GrantNotFound
    return found


def grants_of(organization_id: UUID) -> list[SupportGrant]:
    """Return the organization's accesses, newest first: at most the last hundred."""
    rows = SupportGrant.objects.select_related("staff").filter(organization_id=organization_id)
    return list(rows.order_by("-requested_at", "-id")[:100])


def in_force() -> Q:
    """The condition under which an access opens anything."""
    # The person's state and roles as they are now: what was taken from them ends what they have open.
    may_act = [role for role, permissions in ROLE_PERMISSIONS.items() if ACT in permissions]
    return Q(
        state=State.ACTIVE,
        ended_at=None,
        expires_at__gt=now(),
        staff__state=StaffAccount.State.ACTIVE,
        staff__roles__overlap=may_act,
    )


def sha256(secret: str) -> str:
    """Return how a secret is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _serving(organization_id: UUID) -> TenantRecord:
    record = load_organization(organization_id)
    if not record.is_active:
        raise NothingToSupport
    return record


def _check(record: TenantRecord, *, member_id: UUID | None, reason: str, ticket: str, scope: str, minutes: int) -> None:
    errors = {}
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        errors["reason"] = "Say in a sentence why: the organization reads it."
    if not 1 <= len(ticket) <= LONGEST_TICKET:
        errors["ticket"] = "Name the ticket that asks for this."
    if scope not in Scope.values:
        errors["scope"] = "It reads, or it reads and writes."
    if not 1 <= minutes <= MAX_MINUTES:
        errors["minutes"] = f"Between 1 and {MAX_MINUTES} minutes."
    if scope == Scope.WRITE and member_id is None:
        errors["member"] = "Whoever writes does so on somebody's behalf: choose a member."
    if scope == Scope.WRITE and record.state == "read_only":
        errors["scope"] = "This organization is read-only now."
    if errors:
        raise ValidationFailed(errors=errors)
    if member_id is not None:
        with tenancy.bind(record):
            if accounts.member_with_id(member_id) is None:
                raise NotFound


def _locked(grant_id: UUID, *, organization_id: UUID | None = None, staff_id: UUID | None = None) -> SupportGrant:
    rows = SupportGrant.objects.select_for_update(of=("self",)).select_related("staff").filter(id=grant_id)
    if organization_id is not None:
        rows = rows.filter(organization_id=organization_id)
    if staff_id is not None:
        rows = rows.filter(staff_id=staff_id)
    found = rows.first()
    if found is None:
        raise GrantNotFound
    return found


def _end(grant: SupportGrant, reason: str, *, fields: list[str] | None = None) -> None:
    grant.state, grant.end_reason = State.ENDED, reason
    grant.ended_at = min(now(), grant.expires_at)
    grant.code_sha256 = grant.nonce_sha256 = grant.token_sha256 = ""
    written = ["state", "end_reason", "ended_at", "code_sha256", "nonce_sha256", "token_sha256", *(fields or [])]
    grant.save(update_fields=written)


def _terms(grant: SupportGrant) -> dict[str, object]:
    return {"reason": grant.reason, "ticket": grant.ticket, "scope": grant.scope, "minutes": grant.minutes}


def _keep(grant: SupportGrant, action: str, changes: dict[str, object]) -> None:
    """Write into the platform's record and into the organization's own audit."""
    audit.record(
        action,
        organization_id=grant.organization_id,
        object_type="support_grant",
        object_id=grant.id,
        changes=changes,
        reason=grant.reason,
        ticket=grant.ticket,
    )
    note(
        grant.organization_id,
        action,
        object_type="support_grant",
        object_id=grant.id,
        label=grant.staff.name,
        changes=changes,
    )
