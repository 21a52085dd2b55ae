"""What is left where an organization was: dropped after its days of grace, or, of a copy that was given up, at once."""

from __future__ import annotations

import contextlib
from typing import Any

from django.conf import settings
from django.db import connection, transaction

import tenancy
from core.clock import now
from tenants.archive import traces
from tenants.archive.queue import Hold
from tenants.cells import history, shared
from tenants.cells.errors import CellUnreachable, MoveRefused
from tenants.models import Move, Organization
from tenants.schema import replay


def drop(hold: Hold, link: Any) -> None:
    """Remove everything here but the pointer, after a look at the cell that serves the organization now."""
    job: Move = hold.job
    _serves(job, link)
    with tenancy.schema_owner(), transaction.atomic(), connection.cursor() as cursor:
        organization = Organization.objects.select_for_update().get(id=job.organization_id)
        if organization.cell == settings.CELL:
            raise MoveRefused("It lives here again: nothing is removed.")
        remove(cursor, organization)
        history.platform(job, "dropped")
        hold.write(
            state=Move.State.DROPPED,
            stage="",
            dropped_at=now(),
            finished_at=now(),
            error_code="",
            error_detail="",
        )
    needles = traces.Needles(organization.id, organization.schema_name, organization.db_role)
    for entry in list(traces.cache_entries(needles)):
        traces.remove(entry)


def discard_copy(job: Move, link: Any) -> None:
    """Remove a copy that will not be used. Only what is frozen, and not the organization's home, is one."""
    with link.cursor() as cursor:
        cursor.execute(
            "SELECT frozen_at FROM public.tenants_organization WHERE id = %s FOR UPDATE", [str(job.organization_id)]
        )
        row = cursor.fetchone()
        if row is None:
            return
        if row[0] is None:
            raise MoveRefused(f"{job.target} serves the organization: nothing is removed there.")
        cursor.execute(
            "UPDATE public.tenants_organization SET cell = %s, updated_at = now() WHERE id = %s",
            [job.source, str(job.organization_id)],
        )
        remove(cursor, job.organization)
    link.commit()


def strip(cursor: Any, organization: Organization) -> int:
    """Remove what of the organization is not in its own schema but for the pointer, in the caller's transaction.

    The cursor is of either cell, as its owning login. Returns how many shared rows went.
    """
    cursor.execute(
        "SELECT DISTINCT old_schema FROM public.tenants_restorejob WHERE organization_id = %s AND old_schema <> ''",
        [str(organization.id)],
    )
    holder: Any = _Holder(cursor)
    for name in [f"restore_{organization.schema_name[2:]}", *(name for (name,) in cursor.fetchall())]:
        replay.drop_schema(holder, schema=name)
    return shared.strip(cursor, organization.id)


def remove(cursor: Any, organization: Organization) -> None:
    """Remove everything of the organization but the pointer, in the caller's transaction."""
    strip(cursor, organization)
    replay.drop(_Holder(cursor), schema=organization.schema_name, role=organization.db_role)  # type: ignore[arg-type]


class _Holder:
    """Lends one cursor to what asks a connection for its own."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def cursor(self) -> Any:
        return contextlib.nullcontext(self._cursor)


def _serves(job: Move, link: Any) -> None:
    generation = Organization.objects.values_list("generation", flat=True).get(id=job.organization_id)
    with link.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM public.tenants_organization o JOIN pg_namespace n ON n.nspname = o.schema_name"
            " WHERE o.id = %s AND o.cell = %s AND o.frozen_at IS NULL AND o.generation >= %s",
            [str(job.organization_id), job.target, generation],
        )
        served = cursor.fetchone()
    link.rollback()
    if not served:
        raise CellUnreachable(f"{job.target} does not say that it serves the organization: nothing is removed here.")
