"""Reads that other packages need."""

from __future__ import annotations

from uuid import UUID

from tenants.dto import OwnerDraft
from tenants.models import Domain, SchemaRelease, SignUp


def current_release() -> int | None:
    """Return the newest schema release that the database knows."""
    return SchemaRelease.objects.order_by("-number").values_list("number", flat=True).first()


def owner_of(organization_id: UUID) -> OwnerDraft:
    """Return who signed the organization up."""
    found = SignUp.objects.get(organization_id=organization_id)
    return OwnerDraft(name=found.owner_name, email=found.owner_email, password_hash=found.password_hash)


def hosts_of(organization_id: UUID) -> list[str]:
    """Return the hosts that lead, or are about to lead, to the organization."""
    states = (Domain.State.PENDING, Domain.State.ACTIVE)
    return list(Domain.objects.filter(organization_id=organization_id, state__in=states).values_list("host", flat=True))
