"""Reads of members."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Count, Q

from apps.accounts.dto import MemberCard
from apps.accounts.factors.selectors import has_factor
from apps.accounts.models import Invitation, Member, MemberQuerySet, RoleAssignment
from apps.accounts.policies import OWNER


def people(*, state: str | None = None, role: str | None = None, words: str = "") -> MemberQuerySet:
    """Return members with their roles; anonymised ones only where ``state`` asks for them.

    ``words`` must all be part of the name or of the e-mail.
    """
    found: MemberQuerySet = Member.objects.with_roles().annotate(has_factor=has_factor())
    found = found.filter(state=state) if state else found.exclude(state=Member.State.ANONYMISED)
    if role:
        holders = RoleAssignment.objects.in_force().of_organization().filter(role=role)
        found = found.filter(id__in=holders.values("member_id"))
    for word in words.split():
        found = found.filter(Q(name__icontains=word) | Q(email__icontains=word))
    return found


def member_counts() -> dict[str, int]:
    """Return how many members are active and suspended, and how many invitations are open."""
    states = dict(Member.objects.values_list("state").annotate(count=Count("id")).order_by())
    return {
        "active": states.get(Member.State.ACTIVE, 0),
        "suspended": states.get(Member.State.SUSPENDED, 0),
        "invited": Invitation.objects.redeemable().count(),
    }


def is_owner(member_id: UUID) -> bool:
    """Return whether this member owns the bound organization."""
    held = RoleAssignment.objects.of_organization().filter(role=OWNER, member_id=member_id)
    return bool(held.exists())


def has_owner() -> bool:
    """Return whether the bound organization has an active owner."""
    owners = RoleAssignment.objects.of_organization().filter(role=OWNER, member__state=Member.State.ACTIVE)
    return bool(owners.exists())


def cards(member_ids: Iterable[UUID]) -> dict[UUID, MemberCard]:
    """Return what may be shown of these members, by id; ids of nobody are left out."""
    return {member.id: _card(member) for member in Member.objects.filter(id__in=set(member_ids))}


def member_with_email(email: str) -> MemberCard | None:
    """Return the member who signs in with ``email``, in any case, or None."""
    found = Member.objects.filter(email=email.strip().lower()).first()
    return _card(found) if found else None


def member_with_id(member_id: UUID) -> MemberCard | None:
    """Return the member, or None."""
    found = Member.objects.filter(id=member_id).first()
    return _card(found) if found else None


def _card(member: Member) -> MemberCard:
    return MemberCard(id=member.id, name=member.name, email=member.email, is_active=member.is_active)
