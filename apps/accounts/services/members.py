"""Joining, roles, and the day somebody was last here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC
from uuid import UUID
from zoneinfo import available_timezones

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

import tenancy
from apps.accounts import seats
from apps.accounts.errors import AlreadyMember, LastOwner, OwnersOnly, UnknownMember
from apps.accounts.events import MemberJoined, RolesChanged
from apps.accounts.models import Member, RoleAssignment
from apps.accounts.policies import OWNER, ROLES, may_grant
from apps.audit.api import record
from core import acting
from core.actor import Actor
from core.clock import now
from core.email_index import hmac_of
from core.errors import PermissionDenied, ValidationFailed
from events.api import publish


@transaction.atomic
def join(
    *,
    email: str,
    name: str,
    password_hash: str,
    roles: Collection[str],
    via: str,
    granted_by: UUID | None = None,
    locale: str = "en",
) -> Member:
    """Make a member whose e-mail is proved, with ``roles`` in the whole organization.

    Raises:
        AlreadyMember: the address belongs to a member. billing.errors.QuotaExceeded: no seat is free.
    """
    address = email.strip().lower()
    member = Member(email=address, name=name.strip(), password=password_hash, locale=locale)
    try:
        with transaction.atomic():
            member.save(force_insert=True)
    except IntegrityError as taken:
        raise AlreadyMember from taken
    EmailAddress.objects.create(user=member, email=address, verified=True, primary=True)
    RoleAssignment.objects.bulk_create(
        [RoleAssignment(member=member, role=role, granted_by_id=granted_by) for role in sorted(set(roles))]
    )
    record(
        "accounts.member.joined",
        object_type="member",
        object_id=member.id,
        label=member.name,
        changes={"roles": sorted(set(roles)), "via": via},
        who=replace(acting.current(), kind="member", id=member.id, name=member.name),
    )
    publish(MemberJoined(member_id=member.id, via=via, email_hmac=hmac_of(address)), actor_id=granted_by or member.id)
    seats.take()
    return member


def hashed(password: str, *, email: str, name: str) -> str:
    """Return the hash of a password that the policy accepts.

    Raises:
        ValidationFailed: it is too short, too common, or hardly more than the person's or the organization's name.
    """
    try:
        validate_password(password, Member(email=email, name=name))
    except ValidationError as weak:
        raise ValidationFailed(errors={"password": " ".join(weak.messages)}) from weak
    return make_password(password)


def set_roles(*, actor: Actor, member_id: UUID, roles: Collection[str]) -> Member:
    """Let the member hold exactly ``roles`` in the whole organization; return them with their roles.

    Roles in groups and on courses stay as they are.

    Raises:
        UnknownMember: nobody has this id, or they are anonymised.
        OwnersOnly: the role of owner would be given or taken by somebody who is none.
        PermissionDenied: another role would, by somebody who may not manage roles.
        LastOwner: the organization would have no active owner.
        ValidationFailed: a role that does not exist.
    """
    wanted = set(roles)
    if unknown := wanted - set(ROLES):
        raise ValidationFailed(errors={"roles": f"There is no role {', '.join(sorted(unknown))}."})
    try:
        return _set_roles(actor, member_id, wanted)
    except IntegrityError as refused:
        # The trigger saw what another transaction did meanwhile.
        if "accounts_last_owner_stays" in str(refused):
            raise LastOwner from refused
        raise


@transaction.atomic
def _set_roles(actor: Actor, member_id: UUID, wanted: set[str]) -> Member:
    # Owners' rows first and in one order, so that two changes of owners wait for each other.
    owners = set(
        RoleAssignment.objects.of_organization()
        .filter(role=OWNER)
        .select_for_update()
        .order_by("id")
        .values_list("member_id", flat=True)
    )
    member = Member.objects.select_for_update().exclude(state=Member.State.ANONYMISED).filter(id=member_id).first()
    if member is None:
        raise UnknownMember
    held = set(RoleAssignment.objects.of_organization().filter(member=member).values_list("role", flat=True))
    given, taken = wanted - held, held - wanted
    for role in given | taken:
        if not may_grant(actor.roles, role):
            raise OwnersOnly if role == OWNER else PermissionDenied
    if OWNER in taken:
        others = Member.objects.active().filter(id__in=owners - {member.id})
        if not others.exists():
            raise LastOwner
    RoleAssignment.objects.of_organization().filter(member=member, role__in=taken).delete()
    RoleAssignment.objects.bulk_create(
        [RoleAssignment(member=member, role=role, granted_by_id=actor.member_id) for role in sorted(given)]
    )
    if given or taken:
        record(
            "accounts.roles.changed",
            object_type="member",
            object_id=member.id,
            label=member.name,
            changes={"roles": [sorted(held), sorted(wanted)]},
        )
        publish(RolesChanged(member_id=member.id, roles=sorted(wanted)), actor_id=actor.member_id)
    found: Member = Member.objects.with_roles().get(id=member.id)
    return found


def note_seen(member: Member) -> None:
    """Remember that the member was here today: one statement a day, none for the rest of it."""
    today = now().astimezone(UTC).date()
    if member.last_seen_on != today and not tenancy.is_frozen():
        Member.objects.filter(id=member.id).update(last_seen_on=today)
        member.last_seen_on = today


@transaction.atomic
def change_profile(member: Member, **wanted: str) -> Member:
    """Set the member's own ``name``, ``locale`` or ``zone``; return them.

    Raises:
        ValidationFailed: there is no such time zone.
    """
    zone = wanted.get("zone")
    if zone is not None and zone not in available_timezones():
        raise ValidationFailed(errors={"zone": "There is no such time zone."})
    changes = {
        field: [getattr(member, field), value] for field, value in wanted.items() if getattr(member, field) != value
    }
    if not changes:
        return member
    for field, (_, value) in changes.items():
        setattr(member, field, value)
    member.save(update_fields=[*changes])
    record("accounts.profile.changed", object_type="member", object_id=member.id, label=member.name, changes=changes)
    return member
