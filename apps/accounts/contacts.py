"""Whom the platform writes to when something happens to the organization."""

from __future__ import annotations

from apps.accounts.models import Member, RoleAssignment
from apps.accounts.policies import OWNER
from core.contacts import Contact


def owner_contacts() -> list[Contact]:
    """Return the bound organization's active owners, in the order in which they joined."""
    owners = RoleAssignment.objects.in_force().of_organization().filter(role=OWNER)
    found = Member.objects.active().filter(id__in=owners.values("member_id")).order_by("id")
    return [Contact(member.id, member.name, member.email or "", member.locale) for member in found if member.email]
