"""What owners and admins do to other members' accounts: suspend, restore, erase, reset the second factor.

Each has a reason, is told to whom it happens, and is kept in the audit. Nobody does it to themselves, an admin does it
to no owner, and the last active owner stays.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction

from apps.accounts import erasure, letters, seats
from apps.accounts.contacts import owner_contacts
from apps.accounts.errors import AlreadyErased, LastOwner, NoFactor, NotYourself, OwnersOnly, UnknownMember
from apps.accounts.events import MemberRestored, MemberSuspended
from apps.accounts.models import Member, RoleAssignment
from apps.accounts.policies import OWNER
from apps.accounts.services import devices, email_change
from apps.audit.api import record
from core.actor import Actor
from core.clock import now
from core.email_index import hmac_of
from events.api import publish
from media import api as media
from tenants.api import note_erasure

Result = TypeVar("Result")


def suspend(*, actor: Actor, member_id: UUID, reason: str) -> Member:
    """Let the member sign in no more: their sessions and what they play end at once. Safe to repeat.

    Raises:
        UnknownMember, AlreadyErased, NotYourself, OwnersOnly: as the module says. LastOwner: nobody would be left.
    """
    return _keeping_an_owner(lambda: _suspend(actor, member_id, reason))


@transaction.atomic
def _suspend(actor: Actor, member_id: UUID, reason: str) -> Member:
    member = _other(actor, member_id)
    if member.state == Member.State.SUSPENDED:
        return _with_roles(member_id)
    if member.is_owner and not _other_owners(member_id):  # type: ignore[attr-defined]  # by _other
        raise LastOwner
    member.state, member.suspended_at = Member.State.SUSPENDED, now()
    member.save(update_fields=["state", "suspended_at"])
    devices.end_all(member_id)
    email_change.forget(member_id)
    media.end_all(member_id=member_id, reason="member_suspended")
    publish(MemberSuspended(member_id=member_id, email_hmac=hmac_of(member.email or "")), actor_id=actor.member_id)
    _record("accounts.member.suspended", member, reason)
    letters.send_suspended(member)
    seats.free()
    return _with_roles(member_id)


@transaction.atomic
def restore(*, actor: Actor, member_id: UUID) -> Member:
    """Let a suspended member sign in again; everything they had is there. Safe to repeat.

    Raises:
        UnknownMember, AlreadyErased, NotYourself, OwnersOnly: as the module says.
        billing.errors.QuotaExceeded: no seat is free.
    """
    member = _other(actor, member_id)
    if member.state != Member.State.SUSPENDED:
        return _with_roles(member_id)
    member.state, member.suspended_at = Member.State.ACTIVE, None
    member.save(update_fields=["state", "suspended_at"])
    publish(MemberRestored(member_id=member_id, email_hmac=hmac_of(member.email or "")), actor_id=actor.member_id)
    _record("accounts.member.restored", member, None)
    letters.send_restored(member)
    seats.take()
    return _with_roles(member_id)


def erase(*, actor: Actor, member_id: UUID, reason: str) -> None:
    """Take everything personal off a member, for good. What they did stays, as somebody's. Safe to repeat.

    Raises:
        UnknownMember, NotYourself, OwnersOnly: as the module says. LastOwner: nobody would be left.
    """
    _keeping_an_owner(lambda: _erase(actor, member_id, reason))


@transaction.atomic
def _erase(actor: Actor, member_id: UUID, reason: str) -> None:
    try:
        member = _other(actor, member_id)
    except AlreadyErased:
        return
    if member.is_owner and not _other_owners(member_id):  # type: ignore[attr-defined]  # by _other
        raise LastOwner
    address, name = member.email or "", member.name
    media.end_all(member_id=member_id, reason="member_erased")
    _record("accounts.member.erased", member, reason)
    erasure.erase(member_id)
    note_erasure(member_id)
    letters.send_erased(address, name)
    if member.state == Member.State.ACTIVE:
        seats.free()


@transaction.atomic
def reset_second_factor(*, actor: Actor, member_id: UUID, reason: str) -> Member:
    """Remove every second factor and recovery code of a member who lost them, and end their sessions.

    It happens at once, for somebody stands before a closed door; and it is loud: the member and every owner are told
    who did it and why. The password is still asked. Platform staff have no way to do this.

    Raises:
        UnknownMember, AlreadyErased, NotYourself, OwnersOnly: as the module says. NoFactor: there is none.
    """
    member = _other(actor, member_id)
    if not Authenticator.objects.filter(user_id=member_id).delete()[0]:
        raise NoFactor
    devices.end_all(member_id)
    email_change.forget(member_id)
    _record("accounts.factors.reset", member, reason)
    owners = [contact for contact in owner_contacts() if contact.member_id != member_id]
    letters.send_factors_reset(member, by=actor.name, reason=reason, owners=owners)
    return _with_roles(member_id)


def _other(actor: Actor, member_id: UUID) -> Member:
    """Return the member, locked after the owners' rows, if ``actor`` may do something to them."""
    owners = set(
        RoleAssignment.objects.of_organization()
        .filter(role=OWNER)
        .select_for_update()
        .order_by("id")
        .values_list("member_id", flat=True)
    )
    member: Member | None = Member.objects.select_for_update().filter(id=member_id).first()
    if member is None:
        raise UnknownMember
    if member.state == Member.State.ANONYMISED:
        raise AlreadyErased
    if member_id == actor.member_id:
        raise NotYourself
    member.is_owner = member_id in owners  # type: ignore[attr-defined]  # for the last-owner rule
    if member_id in owners and OWNER not in actor.roles:
        raise OwnersOnly("Only an owner can do this to an owner")
    return member


def _other_owners(member_id: UUID) -> bool:
    held = RoleAssignment.objects.of_organization().filter(role=OWNER).exclude(member_id=member_id)
    return bool(Member.objects.active().filter(id__in=held.values("member_id")).exists())


def _keeping_an_owner(act: Callable[[], Result]) -> Result:
    try:
        return act()
    except IntegrityError as refused:
        # The trigger saw what another transaction did meanwhile.
        if "accounts_last_owner_stays" in str(refused):
            raise LastOwner from refused
        raise


def _record(action: str, member: Member, reason: str | None) -> None:
    changes = {"reason": reason} if reason is not None else {}
    record(action, object_type="member", object_id=member.pk, label=member.name, changes=changes)


def _with_roles(member_id: UUID) -> Member:
    found: Member = Member.objects.with_roles().get(id=member_id)
    return found
