"""Bring the shared schema, the roles and the doors up to date. Safe to repeat; needs the owning login."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.management.commands.migrate import Command as Migrate
from django.db import connection, transaction
from django.utils.module_loading import import_string
from psycopg2 import sql

import tenancy
from tenancy import fitting
from tenants.cells.keys import keys_sha256
from tenants.fleet import ledger
from tenants.lifecycle.door import DOOR
from tenants.models import Cell

EXTENSIONS = ("pg_trgm",)
# What the edge's own login may read: keys and bindings, nothing of people or courses.
EDGE_READS = {
    "media_signingkey": " (organization_id, kid, algorithm, public_pem, state)",  # never the sealed private key
    "media_edgebinding": "",
    "media_revokedgrant": "",
    "media_edgevalue": "",
}
# How long a migration may wait for a table. Whoever comes after it waits as well.
_MIGRATION_LOCK_MS = 900


class Command(BaseCommand):
    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--unrecorded", action="store_true", help="For a template that is about to be built anew.")
        parser.add_argument("--fleet", action="store_true", help="Then bring every organization's schema along.")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.OWNER_DATABASE_URL:
            raise CommandError("Set LMS_OWNER_DATABASE_URL: preparing the database needs the login that owns it.")
        with tenancy.schema_owner():
            fitting.patiently(self._roles)
            self._migrate(options["verbosity"])
            self._doors()
            with transaction.atomic():
                if not options["unrecorded"]:
                    ledger.record_releases()
                self._cell()
        self._rows()
        if options["fleet"]:
            self._fleet()

    @staticmethod
    def _rows() -> None:
        """Write the shared rows that the code itself says: the price list, for one."""
        with tenancy.platform():
            for path in settings.SHARED_ROWS:
                import_string(path)()

    def _fleet(self) -> None:
        """Bring the organizations along. One that fails is served as it is: this code knows the release before, too."""
        try:
            call_command("migrate_fleet", stdout=self.stdout)
        except (CommandError, SystemExit) as unfinished:
            self.stderr.write(f"Not every organization could be brought along: {unfinished}. See `migrate_fleet`.")

    def _roles(self) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            for role in ("r_platform", "tenant_any", "sealer"):
                if not self._exists(cursor, role):
                    cursor.execute(f"CREATE ROLE {role} NOLOGIN")
            for variable in ("LMS_DATABASE_URL", "LMS_EDGE_DATABASE_URL"):
                self._login(cursor, os.environ.get(variable, ""))
                # A database may be closed to everybody but its owner, as ours are.
                self._let_in(cursor, os.environ.get(variable, ""))
            cursor.execute("GRANT r_platform, sealer TO lms_app, CURRENT_USER WITH INHERIT FALSE, SET TRUE")
            cursor.execute("CREATE SCHEMA IF NOT EXISTS ext")
            for extension in EXTENSIONS:
                cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {extension} SCHEMA ext")
            cursor.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
            cursor.execute("GRANT USAGE ON SCHEMA public, ext TO r_platform, tenant_any, sealer")

    def _login(self, cursor: Any, url: str) -> None:
        """Create the login that ``url`` names where it is missing: on a managed server nobody else does."""
        parts = urlsplit(url)
        name, password = unquote(parts.username or ""), unquote(parts.password or "")
        if name and not self._exists(cursor, name):
            cursor.execute(
                sql.SQL("CREATE ROLE {} LOGIN NOINHERIT PASSWORD {}").format(
                    sql.Identifier(name), sql.Literal(password)
                )
            )

    @staticmethod
    def _let_in(cursor: Any, url: str) -> None:
        if name := unquote(urlsplit(url).username or ""):
            database = sql.Identifier(connection.settings_dict["NAME"])
            cursor.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, sql.Identifier(name)))

    @staticmethod
    def _exists(cursor: Any, role: str) -> bool:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        return cursor.fetchone() is not None

    @staticmethod
    def _migrate(verbosity: int) -> None:
        """Each migration is a transaction: one that met somebody's lock is taken again, those before it stay done."""
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = {_MIGRATION_LOCK_MS}")
        try:
            fitting.patiently(lambda: call_command(Migrate(), interactive=False, verbosity=verbosity))
        finally:
            with connection.cursor() as cursor:
                cursor.execute("RESET lock_timeout")

    def _doors(self) -> None:
        with connection.cursor() as cursor:
            has_edge = self._exists(cursor, "lms_edge")

        def more(table: str) -> Iterator[str]:
            if has_edge and table in EDGE_READS:
                yield f"REVOKE ALL ON public.{table} FROM lms_edge"
                yield f"GRANT SELECT{EDGE_READS[table]} ON public.{table} TO lms_edge"

        fitting.fit(more)
        fitting.patiently(lambda: self._functions(has_edge))

    @staticmethod
    def _functions(has_edge: bool) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(DOOR)
            if has_edge:
                cursor.execute("GRANT USAGE ON SCHEMA public TO lms_edge")

    def _cell(self) -> None:
        """Write which cell this database belongs to, once: a mover believes the database, not its address.

        With it goes what says whether its keys are those of another cell, as they are now.
        """
        known = Cell.objects.filter(is_here=True).values_list("name", flat=True).first()
        if known not in (None, settings.CELL):
            raise CommandError(f"This database is the cell {known}'s: set LMS_CELL={known}.")
        Cell.objects.update_or_create(name=settings.CELL, defaults={"is_here": True, "keys_sha256": keys_sha256()})
