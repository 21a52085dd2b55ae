"""What is left where an organization was: dropped after its days of grace, or, of a copy that was given up, at once."""

from __future__ import annotations

import contextlib
import logging
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg2
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

_log = logging.getLogger(__name__)

# A mover that has lost its job notices within seconds (``queue.BEAT_SECONDS``), but for a foreign key of a large table.
_COPY_PATIENCE = "20s"
# Whoever writes history waits behind us for as long.
_HISTORY_PATIENCE = "2s"


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


def copy_lock(organization_id: UUID) -> str:
    """Return the SQL that waits for whoever makes or removes a copy of the organization, in the cell it is made in."""
    return f"SELECT pg_advisory_xact_lock(hashtextextended('move:{organization_id}', 0))"


def discard_copy(job: Move, link: Any, *, of: datetime | None = None) -> None:
    """Remove a copy that will not be used. Only what is frozen, and not the organization's home, is one.

    ``of`` names the freeze that it was made under; a copy of another one is somebody else's, and stays. A cell that
    never had the organization forgets it; one that it once left keeps its pointer.

    Raises:
        MoveRefused: the other cell serves the organization.
    """
    with link.cursor() as cursor:
        # A mover that has lost the job may be at its last statement: what it still commits is seen behind the lock.
        cursor.execute("SET LOCAL lock_timeout = %s", [_COPY_PATIENCE])
        cursor.execute(copy_lock(job.organization_id))
        cursor.execute(
            "SELECT frozen_at FROM public.tenants_organization WHERE id = %s FOR UPDATE", [str(job.organization_id)]
        )
        row = cursor.fetchone()
        if row is not None and row[0] is None:
            raise MoveRefused(f"{job.target} serves the organization: nothing is removed there.")
        if row is not None and of in (None, row[0]):
            cursor.execute(
                "UPDATE public.tenants_organization SET cell = %s, updated_at = now() WHERE id = %s",
                [job.source, str(job.organization_id)],
            )
            remove(cursor, job.organization)
            _forget(cursor, job.organization_id)
    link.commit()


def _forget(cursor: Any, organization_id: UUID) -> None:
    """Remove the pointer, too, of an organization that has never lived there, in the caller's transaction.

    What it has of hosts and history is a copy as well, whose original stands where it always was. A trigger keeps
    history from everybody: it sleeps until this transaction is over, and nobody writes there meanwhile.
    """
    cursor.execute("SELECT 1 FROM public.tenants_move WHERE organization_id = %s", [str(organization_id)])
    if cursor.fetchone():
        return
    cursor.execute("SAVEPOINT forget")
    try:
        cursor.execute("SET LOCAL lock_timeout = %s", [_HISTORY_PATIENCE])
        cursor.execute("ALTER TABLE public.tenants_lifecycletransition DISABLE TRIGGER tenants_transitions_stay")
        # The wall passes rows over while their organization is frozen.
        cursor.execute("UPDATE public.tenants_organization SET frozen_at = NULL WHERE id = %s", [str(organization_id)])
        for statement in (
            "DELETE FROM public.tenants_lifecycletransition WHERE organization_id = %s",
            "DELETE FROM public.tenants_domain WHERE organization_id = %s",
            "DELETE FROM public.tenants_organization WHERE id = %s",
        ):
            cursor.execute(statement, [str(organization_id)])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE public.tenants_lifecycletransition ENABLE TRIGGER tenants_transitions_stay")
        cursor.execute("RELEASE SAVEPOINT forget")
    except psycopg2.IntegrityError:
        # Something over there names it all the same. A pointer that sends on does no harm.
        _log.exception("move.pointer_kept", extra={"organization_id": str(organization_id)})
        cursor.execute("ROLLBACK TO SAVEPOINT forget")


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
