"""The catalogue's source: records from rows. ``tenancy`` finds these by the names in settings."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings

import tenancy
from tenancy.catalog import HostEntry
from tenancy.record import TenantRecord
from tenants.errors import UnknownOrganization
from tenants.models import Domain, Organization

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


def load_host(host: str) -> HostEntry | None:
    """Return what ``host`` leads to, or None."""
    with tenancy.platform():
        domain = Domain.objects.select_related("organization").filter(host=host, state__in=_SERVED).first()
        if domain is None or domain.organization.state == Organization.State.DELETED:
            return None
        record = record_of(domain.organization)
        moved = domain.state == Domain.State.REDIRECTING and record.host and record.host != host
        return HostEntry(record, record.host if moved else None)


def record_of(organization: Organization) -> TenantRecord:
    """Return the record of ``organization`` with its primary host (empty while it has none)."""
    host = (
        Domain.objects.filter(organization=organization, is_primary=True).values_list("host", flat=True).first() or ""
    )
    return TenantRecord(
        id=organization.id,
        name=organization.name,
        slug=host.removesuffix(f".{settings.TENANT_SUFFIX}"),
        host=host,
        schema_name=organization.schema_name,
        db_role=organization.db_role,
        state=organization.state,
        generation=organization.generation,
        locale=organization.locale,
        zone=organization.zone,
        cell=organization.cell,
    )
