"""One organization's page: what it is, what it uses, what is wrong with it. Platform, no open transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

import tenancy
from apps.accounts import api as accounts
from billing import api as billing
from core.contacts import Contact
from core.jobs import job_sources
from staff import audit
from staff.console import figures
from staff.flags import evaluation
from staff.models import OrganizationNote, OrganizationStat
from tenants import api as tenants

_ERRORS = 10
PEOPLE_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that went wrong for the organization and still is. ``reference`` finds it again."""

    at: datetime
    kind: str
    words: str
    reference: str


@dataclass(frozen=True, slots=True)
class Page:
    """Everything the page shows at once. ``owners`` is None where the organization cannot be read.

    Of one that lives in another cell it is who it is, where, and what happened to it here; the figures are none.
    """

    card: tenants.OrganizationCard
    domains: list[tenants.DomainLine]
    figures: OrganizationStat
    plan_name: str
    stripe_customer: str | None
    owners: list[Contact] | None
    current_release: int | None
    faults: list[Fault]
    flags: list[str]
    choices: list[tenants.EventChoice]


def page(organization_id: UUID, *, roles: Iterable[str]) -> Page:
    """Return the organization's page, counted now, with the lifecycle's choices for staff with ``roles``.

    Raises:
        UnknownOrganization: there is none.
    """
    card = tenants.organization_card(organization_id)
    row = figures.refresh_one(organization_id)
    owners = None
    if card.state in tenants.READABLE and row.release is not None:
        with tenancy.bind(organization_id):
            owners = accounts.owner_contacts()
    return Page(
        card=card,
        domains=tenants.organization_domains(organization_id),
        figures=row,
        plan_name=billing.PLANS[row.plan].name if row.plan else "–",
        stripe_customer=billing.customer_of(organization_id),
        owners=owners,
        current_release=tenants.current_release(),
        faults=faults(organization_id),
        flags=sorted(evaluation.flags_of(organization_id)),
        choices=tenants.lifecycle_choices(organization_id, roles=roles),
    )


def faults(organization_id: UUID) -> list[Fault]:
    """Return what failed and still stands, newest first: provisioning, conversions, parked deliveries, other jobs."""
    found = [
        Fault(step.at, "provisioning", f"Step {step.name} failed: {step.error}", f"step:{step.name}")
        for step in tenants.failed_steps(organization_id=organization_id)
        if step.at is not None
    ]
    for source in job_sources().values():
        found += [
            Fault(line.updated_at, line.kind, line.error or f"{source.label} failed", f"{line.kind}:{line.id}")
            for line in source.lines(state="failed", organization_id=organization_id, limit=_ERRORS)
        ]
    return sorted(found, key=lambda fault: fault.at, reverse=True)[:_ERRORS]


def people(organization_id: UUID, *, words: str) -> list[accounts.PersonLine]:
    """Return members whose name or address holds ``words``; the look itself is recorded.

    Raises:
        UnknownOrganization: there is none, or its schema is gone.
    """
    tenants.organization_card(organization_id)
    with transaction.atomic():
        audit.record(
            "organization.people_listed",
            organization_id=organization_id,
            object_type="organization",
            object_id=organization_id,
            changes={"searched": [None, bool(words)]},
        )
    with tenancy.bind(organization_id):
        return accounts.people_lines(words=words, limit=PEOPLE_LIMIT)


@transaction.atomic
def add_note(organization_id: UUID, *, body: str, author_id: UUID, author_name: str) -> OrganizationNote:
    """Write a note about the organization.

    Raises:
        UnknownOrganization: there is none.
    """
    tenants.organization_card(organization_id)
    note = OrganizationNote.objects.create(
        organization_id=organization_id, author_id=author_id, author_name=author_name, body=body
    )
    audit.record(
        "organization.note_added", organization_id=organization_id, object_type="organization_note", object_id=note.id
    )
    return note
