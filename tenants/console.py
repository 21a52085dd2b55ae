"""What the staff console reads of organizations: hosts, releases, history, sign-ups. Platform only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q
from django.db.models.functions import TruncDate

from core.clock import now
from tenants.errors import UnknownOrganization
from tenants.lifecycle.rules import RULES, Who, destination
from tenants.models import Domain, LifecycleTransition, Organization, ProvisioningStep

State = Organization.State
# Where there is a schema to look into.
READABLE = (State.ACTIVE, State.READ_ONLY, State.PENDING_DELETION)


@dataclass(frozen=True, slots=True)
class OrganizationCard:
    """An organization as the console's pages name it. ``host`` is "" while it has none."""

    id: UUID
    name: str
    slug: str
    host: str
    state: str
    schema_name: str
    cell: str
    locale: str
    zone: str
    created_at: datetime
    state_since: datetime
    delete_after: datetime | None


@dataclass(frozen=True, slots=True)
class DomainLine:
    """A host, and why it is not in use where something is wrong."""

    id: UUID
    host: str
    kind: str
    state: str
    is_primary: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """A step of an organization's life. ``actor_name`` is empty for members, who are named by their id."""

    id: UUID
    at: datetime
    event: str
    from_state: str
    to_state: str
    actor_kind: str
    actor_name: str
    reason: str
    ticket: str


@dataclass(frozen=True, slots=True)
class EventChoice:
    """An event of the lifecycle as a choice: ``why_not`` says what stands against it, None where nothing does."""

    event: str
    to: str
    why_not: str | None


@dataclass(frozen=True, slots=True)
class FailedStep:
    """A step of provisioning that failed: its last line says why."""

    organization_id: UUID
    name: str
    attempt: int
    error: str
    at: datetime | None


def organization_ids() -> list[UUID]:
    """Return the id of every organization there is or was."""
    return list(Organization.objects.values_list("id", flat=True))


def living_organization_ids() -> list[UUID]:
    """Return the id of every organization that is there, or being made: not failed, not deleted."""
    gone = (Organization.State.FAILED, Organization.State.DELETING, Organization.State.DELETED)
    return list(Organization.objects.here().exclude(state__in=gone).values_list("id", flat=True))


def organization_names(organization_ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """Return names by id; ids of none are left out."""
    wanted = {found for found in organization_ids if found is not None}
    return dict(Organization.objects.filter(id__in=wanted).values_list("id", "name"))


def organization_states(organization_ids: Iterable[UUID | None]) -> dict[UUID, tuple[str, datetime]]:
    """Return (state, since when) by id; ids of none are left out."""
    wanted = {found for found in organization_ids if found is not None}
    rows = Organization.objects.filter(id__in=wanted).values_list("id", "state", "state_since")
    return {organization_id: (state, since) for organization_id, state, since in rows}


def organization_card(organization_id: UUID) -> OrganizationCard:
    """Return the organization, whatever its state.

    Raises:
        UnknownOrganization: there is none.
    """
    found = Organization.objects.filter(id=organization_id).first()
    if found is None:
        raise UnknownOrganization
    hosts = list(Domain.objects.filter(organization=found, state=Domain.State.ACTIVE))
    host = next((row.host for row in hosts if row.is_primary), "")
    address = next((row.host for row in hosts if row.kind == Domain.Kind.SUBDOMAIN), "")
    return OrganizationCard(
        id=found.id,
        name=found.name,
        slug=address.removesuffix(f".{settings.TENANT_SUFFIX}"),
        host=host,
        state=found.state,
        schema_name=found.schema_name,
        cell=found.cell,
        locale=found.locale,
        zone=found.zone,
        created_at=found.created_at,
        state_since=found.state_since,
        delete_after=found.delete_after,
    )


def organization_domains(organization_id: UUID) -> list[DomainLine]:
    """Return every host that the organization has or had, the primary one first."""
    rows = Domain.objects.filter(organization_id=organization_id).order_by("-is_primary", "created_at", "id")
    return [DomainLine(row.id, row.host, row.kind, row.state, row.is_primary, row.created_at) for row in rows]


def organization_history(organization_id: UUID, *, limit: int) -> list[HistoryLine]:
    """Return the latest steps of the organization's life, newest first."""
    rows = LifecycleTransition.objects.filter(organization_id=organization_id).order_by("-at", "-id")[:limit]
    return [
        HistoryLine(
            id=row.id,
            at=row.at,
            event=row.event,
            from_state=row.from_state,
            to_state=row.to_state,
            actor_kind=row.actor_kind,
            actor_name=row.actor_name,
            reason=row.reason,
            ticket=row.ticket,
        )
        for row in rows
    ]


def lifecycle_choices(organization_id: UUID, *, roles: Iterable[str]) -> list[EventChoice]:
    """Return the events that staff with ``roles`` could cause, and what stands against each.

    Raises:
        UnknownOrganization: there is none.
    """
    organization = Organization.objects.filter(id=organization_id).first()
    if organization is None:
        raise UnknownOrganization
    mine, staff = set(roles), {Who.OPERATIONS, Who.FINANCE}
    choices = []
    for rule in RULES.values():
        if not rule.who & staff:
            continue
        why_not = None
        if organization.state not in rule.sources:
            why_not = f"Not from {organization.get_state_display().lower()}."
        elif not rule.who & mine:
            why_not = f"For {' and '.join(sorted(rule.who & staff))} only."
        choices.append(EventChoice(rule.event, str(destination(rule, organization)), why_not))
    return choices


def state_counts() -> dict[str, int]:
    """Return how many organizations are in each state; states that none is in count zero."""
    counted = dict(Organization.objects.values_list("state").annotate(n=Count("id")))
    return {state: counted.get(state, 0) for state in State.values}


def sign_ups_per_day(days: int) -> list[tuple[date, int]]:
    """Return (day in UTC, organizations asked for on it), oldest first, today last; days without one count zero."""
    today = now().date()
    first = today - timedelta(days=days - 1)
    rows = Organization.objects.filter(created_at__date__gte=first).annotate(day=TruncDate("created_at"))
    counted = dict(rows.values_list("day").annotate(n=Count("id")))
    return [(day, counted.get(day, 0)) for day in (first + timedelta(days=step) for step in range(days))]


def failed_steps(*, organization_id: UUID | None = None, limit: int = 20) -> list[FailedStep]:
    """Return the latest steps of provisioning that failed and were not done since."""
    rows = ProvisioningStep.objects.filter(~Q(error=""), state=ProvisioningStep.State.FAILED)
    if organization_id is not None:
        rows = rows.filter(organization_id=organization_id)
    return [
        FailedStep(row.organization_id, row.name, row.attempt, row.error.strip().splitlines()[-1], row.started_at)
        for row in rows.order_by("-started_at")[:limit]
    ]


def frozen_among(organization_ids: Iterable[UUID]) -> set[UUID]:
    """Return those that are being moved: nothing of theirs may be written. Platform only."""
    found = Organization.objects.filter(id__in=list(organization_ids), frozen_at__isnull=False)
    return set(found.values_list("id", flat=True))
