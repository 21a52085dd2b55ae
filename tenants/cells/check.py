"""May this organization move there? Asked before anything is touched; each answer says what to do about it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

import tenancy
from tenants.archive.queue import OPEN
from tenants.archive.snapshot import tables_of
from tenants.cells import shared
from tenants.cells.errors import MoveRefused
from tenants.cells.keys import keys_sha256
from tenants.fleet import ledger
from tenants.models import Cell, DeletionReport, ExportJob, Move, Organization, RestoreJob, SchemaLedger
from tenants.schema.template import current

MOVABLE = (
    Organization.State.ACTIVE,
    Organization.State.READ_ONLY,
    Organization.State.SUSPENDED,
    Organization.State.PENDING_DELETION,
)


def here(job: Move) -> None:
    """Hold the move against what this cell knows.

    Raises:
        MoveRefused: it must not begin.
    """
    organization = job.organization
    if organization.cell != settings.CELL:
        raise MoveRefused(f"It lives in the cell {organization.cell}: start the move there.")
    if organization.state not in MOVABLE:
        raise MoveRefused(f"It is {organization.state}: only an organization that is whole can move.")
    target = Cell.objects.filter(name=job.target).first()
    if target is None or target.name == settings.CELL:
        raise MoveRefused(f"The catalogue has no other cell called {job.target}: add it with add_cell.")
    if target.state != Cell.State.OPEN:
        raise MoveRefused(f"The cell {target.name} is {target.state}: it takes no organizations.")
    if not Cell.objects.filter(name=settings.CELL, is_here=True).exists():
        raise MoveRefused("This database says that it is another cell's: run prepare_database with LMS_CELL set.")
    for model, words in ((ExportJob, "An export"), (RestoreJob, "A restore"), (DeletionReport, "A deletion")):
        if model.objects.filter(organization=organization, state__in=[*OPEN, "compared"]).exists():
            raise MoveRefused(f"{words} is under way: let it end, or end it.")
    _release(organization)


def there(job: Move, link: Any) -> None:
    """Hold the move against what the other cell knows.

    Raises:
        MoveRefused: it must not begin.
    """
    template = current()
    with link.cursor() as cursor:
        cursor.execute("SELECT to_regclass('public.tenants_cell')")
        if cursor.fetchone()[0] is None:
            raise MoveRefused(f"The database of {job.target} is not prepared: run prepare_database there.")
        cursor.execute("SELECT name, capacity, state, keys_sha256 FROM public.tenants_cell WHERE is_here")
        row = cursor.fetchone()
        if row is None or row[0] != job.target:
            raise MoveRefused(f"The database given for {job.target} says that it is {row[0] if row else 'no cell'}.")
        if row[2] != Cell.State.OPEN:
            raise MoveRefused(f"The cell {job.target} says that it is {row[2]}.")
        if row[3] != keys_sha256():
            raise MoveRefused(
                f"The cell {job.target} has other keys: what is sealed here would not open there. Give both the same"
                " LMS_SECRET_KEY and LMS_KEK, and run prepare_database there."
            )
        cursor.execute(
            "SELECT count(*) FROM public.tenants_organization WHERE cell = %s AND state NOT IN ('deleted', 'failed')",
            [job.target],
        )
        if cursor.fetchone()[0] >= row[1]:
            raise MoveRefused(f"The cell {job.target} is full: it has its {row[1]} organizations.")
        cursor.execute("SELECT template_sha256 FROM public.tenants_schemarelease WHERE number = %s", [template.release])
        release = cursor.fetchone()
        if release is None or release[0] != template.sha256:
            raise MoveRefused(f"The cell {job.target} does not run schema release {template.release}: deploy it there.")
        _same_shape(job, link)
        _no_clash(job, cursor)
        for path in settings.MOVE_CHECKS:
            if why := import_string(path)(job.organization_id, cursor):
                raise MoveRefused(f"The cell {job.target} can't take it in: {why}")
    link.rollback()


def _release(organization: Organization) -> None:
    if ledger.release_of(organization.id) != current().release:
        raise MoveRefused(f"Its schema is not of release {current().release}: migrate it first.")
    rows = SchemaLedger.objects.filter(organization=organization)
    if rows.filter(state=SchemaLedger.State.RUNNING).exists():
        raise MoveRefused("Its schema is being migrated: wait for the end of that.")


def _same_shape(job: Move, link: Any) -> None:
    with tenancy.schema_owner():
        connection.ensure_connection()
        ours = {table.name: table.columns for table in tables_of(connection.connection, "public")}
    theirs = {table.name: table.columns for table in tables_of(link, "public")}
    for found in shared.moving(job.organization_id):
        if sorted(ours[found.table], key=str) != sorted(theirs.get(found.table, ()), key=str):
            raise MoveRefused(f"The cell {job.target} has another {found.table}: deploy the same code to both.")


def _no_clash(job: Move, cursor: Any) -> None:
    organization = job.organization
    cursor.execute(
        "SELECT d.host FROM public.tenants_domain d WHERE d.organization_id <> %s AND d.host = ANY (%s)"
        " AND (d.kind = 'subdomain' OR d.state IN ('verified', 'active'))",
        [str(organization.id), list(organization.domains.values_list("host", flat=True))],
    )
    if host := cursor.fetchone():
        raise MoveRefused(f"The cell {job.target} has another organization at {host[0]}.")
    cursor.execute(
        "SELECT cell FROM public.tenants_organization WHERE id = %s AND cell = %s AND frozen_at IS NULL",
        [str(organization.id), job.target],
    )
    if cursor.fetchone():
        raise MoveRefused(f"The cell {job.target} serves this organization already: the two catalogues disagree.")
    cursor.execute(
        "SELECT 1 FROM public.tenants_organization WHERE id <> %s AND (schema_name = %s OR db_role = %s)",
        [str(organization.id), organization.schema_name, organization.db_role],
    )
    if cursor.fetchone():
        raise MoveRefused(f"The cell {job.target} has another organization with this schema's name.")
