"""The catalogue's source: records from rows. ``tenancy`` finds these by the names in settings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils.module_loading import import_string

import tenancy
from tenancy.catalog import HostEntry
from tenancy.entitlements import Entitlements
from tenancy.record import Standing, TenantRecord
from tenants.errors import UnknownOrganization
from tenants.models import Cell, Domain, Organization

_SERVING = (Organization.State.ACTIVE, Organization.State.READ_ONLY)
_SERVED = (Domain.State.ACTIVE, Domain.State.REDIRECTING)


def load(organization_id: UUID) -> TenantRecord:
    """Return the record of an organization whose schema may exist.

    Raises:
        UnknownOrganization: there is none.
    """
    with tenancy.platform():
        organization = Organization.objects.filter(id=organization_id).first()
        if organization is None or organization.state == Organization.State.DELETED:
            raise UnknownOrganization
        return record_of(organization)


def serving_organizations() -> list[TenantRecord]:
    """Return the records of every organization whose members may use it now, by name. Platform only."""
    return records_of(list(Organization.objects.here().filter(state__in=_SERVING).order_by("name", "id")))


def load_many(organization_ids: Collection[UUID]) -> dict[UUID, TenantRecord]:
    """Return the records of these organizations as :func:`load` would; those that are gone are left out."""
    with tenancy.platform():
        rows = Organization.objects.filter(id__in=list(organization_ids)).exclude(state=Organization.State.DELETED)
        return {record.id: record for record in records_of(list(rows))}


def standings(organization_ids: Iterable[UUID]) -> dict[UUID, Standing]:
    """Return how these organizations stand, in one question; those that are gone are left out. Platform only."""
    rows = Organization.objects.filter(id__in=list(organization_ids)).exclude(state=Organization.State.DELETED)
    columns = ("id", "state", "cell", "frozen_at", "generation", "epoch")
    return {
        found: Standing(state in _SERVING and cell == settings.CELL and frozen_at is None, generation, epoch)
        for found, state, cell, frozen_at, generation, epoch in rows.values_list(*columns)
    }


def load_host(host: str) -> HostEntry | None:
    """Return what ``host`` leads to, or None."""
    with tenancy.platform():
        deleted = Q(organization__state=Organization.State.DELETED, kind=Domain.Kind.SUBDOMAIN)
        found = Domain.objects.select_related("organization").filter(deleted | Q(state__in=_SERVED), host=host)
        domain = found.first()
        if domain is None or (domain.kind == Domain.Kind.CUSTOM and _is_deleted(domain.organization)):
            return None
        if _is_deleted(domain.organization):
            # Its address stays its own; the page that says that it is gone names nobody.
            return HostEntry(replace(record_of(domain.organization), name="", on_host=host))
        record = replace(record_of(domain.organization), on_host=host)
        if not record.is_here:
            address = Cell.objects.filter(name=record.cell).values_list("address", flat=True).first()
            return HostEntry(record, cell_address=address or "")
        if record.host in ("", host):
            return HostEntry(record)
        if domain.state == Domain.State.REDIRECTING:
            return HostEntry(record, redirect_to=record.host)
        # A primary domain whose records are gone may be dead: then the others are the way in.
        failing = Domain.objects.filter(organization_id=record.id, is_primary=True, failing_since__isnull=False)
        return HostEntry(record, pages_to=None if failing.exists() else record.host)


def load_parties(most: int) -> dict[str, UUID]:
    """Return whose each host is that leads, or will soon, to an organization; of more than ``most`` the oldest."""
    living = Domain.objects.filter(state__in=(Domain.State.VERIFIED, *_SERVED))
    living = living.exclude(organization__state=Organization.State.DELETED)
    with tenancy.platform():
        return dict(living.order_by("created_at", "id").values_list("host", "organization_id")[:most])


def _is_deleted(organization: Organization) -> bool:
    return organization.state == Organization.State.DELETED


def record_of(organization: Organization) -> TenantRecord:
    """Return the record of ``organization`` with its primary host and its slug (empty while it has none)."""
    return records_of([organization])[0]


def records_of(organizations: Sequence[Organization]) -> list[TenantRecord]:
    """Return the records of ``organizations`` in their order, in three or four questions however many they are."""
    ids = [organization.id for organization in organizations]
    active = Domain.objects.filter(organization_id__in=ids, state=Domain.State.ACTIVE)
    hosts: dict[UUID, dict[tuple[str, bool], str]] = {found: {} for found in ids}
    for found, host, kind, primary in active.values_list("organization_id", "host", "kind", "is_primary"):
        hosts[found][kind, primary] = host
    flags = import_string(settings.TENANT_FLAGS)(ids)
    has = import_string(settings.TENANT_ENTITLEMENTS)(ids)
    return [_record(found, hosts[found.id], flags[found.id], has[found.id]) for found in organizations]


def _record(
    organization: Organization, hosts: dict[tuple[str, bool], str], flags: frozenset[str], has: Entitlements
) -> TenantRecord:
    host = next((found for (_, primary), found in hosts.items() if primary), "")
    address = next((found for (kind, _), found in hosts.items() if kind == Domain.Kind.SUBDOMAIN), "")
    return TenantRecord(
        id=organization.id,
        name=organization.name,
        slug=address.removesuffix(f".{settings.TENANT_SUFFIX}"),
        host=host,
        schema_name=organization.schema_name,
        db_role=organization.db_role,
        state=organization.state,
        generation=organization.generation,
        epoch=organization.epoch,
        locale=organization.locale,
        zone=organization.zone,
        cell=organization.cell,
        flags=flags,
        entitlements=has,
    )
