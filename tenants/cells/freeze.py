"""Freezing an organization and thawing it: from one instant on nothing of it changes, and nothing acknowledged is lost.

First the stamp, so that requests are refused politely before they do anything. Then the wall, table by table: putting
it on waits for the transactions that write there, and whoever comes later meets it (``tenancy.wall``). A transaction
that wrote before and meets the wall afterwards fails as a whole. Only then is there something to copy.
"""

from __future__ import annotations

import time
from typing import Any

import psycopg2
from django.db import OperationalError, connection, transaction
from psycopg2 import sql

import tenancy
from core.clock import now
from tenancy import catalog, wall
from tenants.archive.queue import Hold
from tenants.archive.snapshot import tables_of
from tenants.cells import history
from tenants.cells.errors import MoveRefused, WritersHold
from tenants.models import Move, Organization

PATIENCE_SECONDS = 30.0  # for one table; requests are cut off earlier, so only a lost session takes longer
_LOCK_MS = 1000


def freeze(hold: Hold) -> None:
    """Stamp and wall the organization. Safe to repeat: what stands already stands."""
    _stamp(hold)
    schema = hold.job.organization.schema_name
    for table in own_tables(schema):
        _patiently(hold, wall.own_statement(schema, table), table)
    _patiently(hold, wall.lock_statement(hold.job.organization_id), "the shared tables")


def thaw(hold: Hold, **changes: Any) -> None:
    """Take the walls off, then the stamp, with ``changes`` to the job. Safe to repeat."""
    job: Move = hold.job
    organization = Organization.objects.get(id=job.organization_id)
    if job.frozen_at is None or organization.frozen_at != job.frozen_at:
        hold.write(**changes)
        return
    for table in own_tables(organization.schema_name):
        _patiently(hold, wall.own_opening(organization.schema_name, table), table)
    with tenancy.schema_owner(), transaction.atomic():
        Organization.objects.filter(id=organization.id).update(frozen_at=None)
        set_stamp(organization.schema_name, None)
        history.note(job, "organization.move.ended")
        history.platform(job, "thawed")
        hold.write(frozen_at=None, copied_at=None, verified_at=None, digests={}, **changes)
        transaction.on_commit(lambda: catalog.announce_change(organization.id))


def own_tables(schema: str) -> list[str]:
    """Return the tables of an organization's schema but its stamp."""
    with tenancy.schema_owner():
        connection.ensure_connection()
        return [table.name for table in tables_of(connection.connection, schema)]


def set_stamp(schema: str, at: Any) -> None:
    """Write since when the schema is frozen, in the caller's transaction, as the owning login."""
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("UPDATE {} SET frozen_at = %s").format(sql.Identifier(schema, "_tenant")), [at])


def _stamp(hold: Hold) -> None:
    job: Move = hold.job
    with tenancy.schema_owner(), transaction.atomic():
        organization = Organization.objects.select_for_update().get(id=job.organization_id)
        if job.frozen_at is not None and organization.frozen_at == job.frozen_at:
            return
        if organization.frozen_at is not None or organization.cell != job.source:
            raise MoveRefused("Somebody else has frozen it, or it lives elsewhere by now.")
        moment = now()
        # Told while it may still be told; delivered by whichever cell has it afterwards.
        history.note(job, "organization.move.began")
        history.platform(job, "frozen")
        Organization.objects.filter(id=organization.id).update(frozen_at=moment)
        set_stamp(organization.schema_name, moment)
        hold.write(frozen_at=moment)
        transaction.on_commit(lambda: catalog.announce_change(organization.id))


def _patiently(hold: Hold, statement: str, what: str) -> None:
    """Run one statement that needs a lock, in a transaction of its own, giving way again and again while it waits.

    Whoever has lost the job meanwhile changes nothing: a wall that is put up behind somebody's thaw would stay.
    """
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with tenancy.schema_owner(), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = {_LOCK_MS}")
                cursor.execute(statement)
                hold.write()
            return
        except OperationalError as held:
            if not isinstance(held.__cause__, psycopg2.errors.LockNotAvailable):
                raise
            if time.monotonic() > until:
                raise WritersHold(f"Something writes to {what} and does not end.") from held
            hold.beat()
