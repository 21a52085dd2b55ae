"""Reads that other packages need."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from core.clock import day
from tenants.dto import OwnerDraft
from tenants.lifecycle.rules import OPEN, State
from tenants.models import Domain, Organization, SchemaRelease, SignUp


def current_release() -> int | None:
    """Return the newest schema release that the database knows."""
    return SchemaRelease.objects.order_by("-number").values_list("number", flat=True).first()


def hears_events(organization_id: UUID) -> int | None:
    """Return the generation of an organization that subscribers may be bound to, now or when a pause ends.

    None where there is no such schema: it is being made, gone, or going.
    """
    rows = Organization.objects.filter(id=organization_id, state__in=(*OPEN, State.SUSPENDED))
    return rows.values_list("generation", flat=True).first()


def deletion_day(organization_id: UUID) -> str:
    """Return the day on which a closing organization is deleted, as pages say it; "" where it is not closing."""
    due = Organization.objects.filter(id=organization_id).values_list("delete_after", flat=True).first()
    return day(due) if due else ""


def owner_of(organization_id: UUID) -> OwnerDraft:
    """Return who signed the organization up."""
    found = SignUp.objects.get(organization_id=organization_id)
    return OwnerDraft(name=found.owner_name, email=found.owner_email, password_hash=found.password_hash)


def hosts_of(organization_id: UUID) -> list[str]:
    """Return the hosts that lead, or are about to lead, to the organization. A claim that is not proved is none."""
    return list(_leading().filter(organization_id=organization_id).order_by("host").values_list("host", flat=True))


def all_hosts() -> dict[UUID, list[str]]:
    """Return the hosts of every organization that has some, as :func:`hosts_of` does."""
    found: dict[UUID, list[str]] = {}
    for organization_id, host in _leading().order_by("host").values_list("organization_id", "host"):
        found.setdefault(organization_id, []).append(host)
    return found


def _leading() -> QuerySet[Domain]:
    made = Q(kind=Domain.Kind.SUBDOMAIN, state=Domain.State.PENDING)
    return Domain.objects.filter(made | Q(state__in=(Domain.State.VERIFIED, Domain.State.ACTIVE)))
