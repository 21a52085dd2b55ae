"""What the staff console asks of archives, in and out as plain JSON values. Platform only."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction

from tenants.archive import services
from tenants.archive.shown import deletion_json, export_json, restore_json
from tenants.models import ExportJob

Json = dict[str, Any]


def exports(organization_id: UUID) -> list[Json]:
    """Return the organization's exports, newest first."""
    return [export_json(job) for job in services.exports(organization_id)]


def ask_export(organization_id: UUID, *, reason: str) -> Json:
    """Have one made; see :func:`tenants.archive.services.ask_export`."""
    job, _ = services.ask_export(organization_id, origin=ExportJob.Origin.STAFF, reason=reason)
    return export_json(job)


def restores(organization_id: UUID) -> list[Json]:
    """Return the organization's restores, newest first."""
    return [restore_json(job) for job in services.restores(organization_id)]


def ask_restore(organization_id: UUID, archive_id: UUID, *, reason: str) -> Json:
    """Have an archive compared with the organization; see :func:`tenants.archive.services.ask_restore`."""
    return restore_json(services.ask_restore(organization_id, archive_id, reason=reason))


def restore(restore_id: UUID) -> Json:
    """Return one restore.

    Raises:
        UnknownJob: there is none of this id.
    """
    return restore_json(services.restore(restore_id))


def ask_swap(restore_id: UUID, *, reason: str) -> Json:
    """Put the shadow in the organization's place; see :func:`tenants.archive.services.ask_swap`."""
    return restore_json(services.ask_swap(restore_id, reason=reason))


def ask_discard(restore_id: UUID, *, reason: str) -> Json:
    """Throw the shadow away; see :func:`tenants.archive.services.ask_discard`."""
    return restore_json(services.ask_discard(restore_id, reason=reason))


def deletion_report(organization_id: UUID) -> Json:
    """Return how far the organization's end is, or its report.

    Raises:
        UnknownJob: nothing was begun.
    """
    return deletion_json(services.deletion_of(organization_id))


def want_final_export(organization_id: UUID) -> Json:
    """Have a last archive made when the organization is deleted, and kept for 30 days."""
    with transaction.atomic():
        services.ask_final_export(organization_id)
    return deletion_json(services.deletion_of(organization_id))
