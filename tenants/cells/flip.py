"""The flip: from the source to the target, with no instant in which both would take a write.

First the copy calls the target its home, still frozen. Then the source's row points there, one generation on, which
voids caches, tasks and grants, and its rows of shared tables are gone; from here on there is no way back but another
move. Then the target opens. A death
between leaves an organization that can be read and not changed, until whoever takes over goes on.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from psycopg2 import sql

import tenancy
from core.clock import now
from tenancy import catalog
from tenants.archive.queue import Hold
from tenants.cells import history, leave
from tenants.cells.errors import CopyDiffers
from tenants.models import Move, Organization


def flip(hold: Hold, link: Any) -> None:
    """Send the organization over. Safe to repeat."""
    if hold.job.flipped_at is None:
        _prepare(hold.job, link)
        _point(hold)
    _open(hold, link)


def _prepare(job: Move, link: Any) -> None:
    with link.cursor() as cursor:
        cursor.execute(
            "UPDATE public.tenants_organization SET cell = %s, updated_at = now() WHERE id = %s AND frozen_at = %s",
            [job.target, str(job.organization_id), job.frozen_at],
        )
        if cursor.rowcount != 1:
            raise CopyDiffers(f"The copy in {job.target} is gone.")
    link.commit()


def _point(hold: Hold) -> None:
    job: Move = hold.job
    with tenancy.schema_owner(), transaction.atomic():
        organization = Organization.objects.select_for_update().get(id=job.organization_id)
        if organization.frozen_at != job.frozen_at:
            raise CopyDiffers("The organization has been thawed meanwhile.")
        # The target has them by now. Nothing here may act on them any more: on an upload, say, that goes on over there.
        with connection.cursor() as cursor:
            removed = leave.strip(cursor, organization)
        organization.cell = job.target
        organization.generation += 1
        organization.updated_at = now()
        organization.save(update_fields=["cell", "generation", "updated_at"])
        hold.write(flipped_at=now(), cursor={**job.cursor, "removed_rows": removed})
        history.platform(job, "flipped")
        transaction.on_commit(lambda: catalog.announce_change(organization.id))


def _open(hold: Hold, link: Any) -> None:
    job: Move = hold.job
    generation = Organization.objects.values_list("generation", flat=True).get(id=job.organization_id)
    stamp = sql.Identifier(job.organization.schema_name, "_tenant")
    with link.cursor() as cursor:
        cursor.execute(
            "UPDATE public.tenants_organization SET generation = %s, frozen_at = NULL, updated_at = now()"
            " WHERE id = %s AND cell = %s AND frozen_at = %s",
            [generation, str(job.organization_id), job.target, job.frozen_at],
        )
        if cursor.rowcount:
            cursor.execute(sql.SQL("UPDATE {} SET frozen_at = NULL").format(stamp))
    link.commit()
    moment = now()
    hold.write(
        state=Move.State.MOVED,
        stage="",
        opened_at=moment,
        drop_after=moment + timedelta(days=settings.MOVED_KEPT_DAYS),
        finished_at=moment,
        progress_permille=1000,
        attempts=0,
        error_code="",
        error_detail="",
    )
