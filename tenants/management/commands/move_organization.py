"""Move an organization to another cell and follow it, or give a move up, or let go of what one left behind.

Needs the owning logins of both cells: LMS_OWNER_DATABASE_URL and LMS_CELL_DATABASES_FILE. May be stopped at any moment:
started again it goes on, and so does the archivist.
"""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

import tenancy
from core.errors import DomainError
from tenants.cells import moves, work
from tenants.cells.errors import MoveUnderWay
from tenants.models import Domain, Move

_ENDED = (Move.State.MOVED, Move.State.DROPPED, Move.State.ABORTED, Move.State.FAILED)


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("organization", help="Its id, or its slug.")
        parser.add_argument("cell", nargs="?", default="", help="Where it goes.")
        parser.add_argument("--reason", default="", help="Kept with the move.")
        parser.add_argument(
            "--abort", action="store_true", help="Give the move under way up; the organization is thawed."
        )
        parser.add_argument(
            "--drop", action="store_true", help="Remove what it left here, before its days of grace end."
        )
        parser.add_argument("--yes", action="store_true", help="Do not ask before --drop.")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.OWNER_DATABASE_URL:
            raise CommandError("Set LMS_OWNER_DATABASE_URL: moving needs the login that owns the schemas.")
        try:
            with tenancy.platform():
                job = self._ask(_organization(options["organization"]), options)
                self._follow(job)
        except DomainError as refused:
            raise CommandError(refused.detail) from refused

    def _ask(self, organization_id: UUID, options: dict[str, Any]) -> Move:
        if options["abort"]:
            return moves.abort(organization_id, reason=options["reason"], hand_over=False)
        if options["drop"]:
            if not options["yes"]:
                self._confirm(organization_id)
            return moves.drop_now(organization_id, hand_over=False)
        if not options["cell"]:
            raise CommandError("Name the cell to move it to, or give --abort or --drop.")
        try:
            return moves.ask(organization_id, options["cell"], reason=options["reason"], hand_over=False)
        except MoveUnderWay:
            job = moves.latest(organization_id)
            if job.target != options["cell"]:
                raise
            self.stdout.write(f"Going on with the move of {job.created_at:%Y-%m-%d %H:%M}.")
            return job

    def _confirm(self, organization_id: UUID) -> None:
        job = moves.latest(organization_id)
        self.stdout.write(f"This removes what {organization_id} left here when it moved to {job.target}.")
        if input("Type the name of that cell to go on: ").strip() != job.target:
            raise CommandError("Nothing was removed.")

    def _follow(self, job: Move) -> None:
        """Work on the job, or wait for who does, until it ends."""
        while True:
            work.run(job.id, self._say)
            job.refresh_from_db()
            if job.state in _ENDED:
                break
            if job.error_detail:
                self.stdout.write(f"{job.error_detail.strip().splitlines()[-1]} Trying again.")
            time.sleep(1)
        if job.state == Move.State.FAILED or (job.error_detail and job.state != Move.State.DROPPED):
            self.stderr.write(job.error_detail.strip().splitlines()[-1])
        if job.state == Move.State.FAILED:
            raise CommandError("The organization was not moved. It is not frozen, and nothing of it has changed.")
        frozen = ""
        if job.opened_at and job.frozen_at:
            frozen = f", {job.rows} rows, closed to changes for {(job.opened_at - job.frozen_at).total_seconds():.1f} s"
        self.stdout.write(f"{job.state}: {job.source} to {job.target}{frozen}")

    def _say(self, stage: str) -> None:
        self.stdout.write(stage)
        self.stdout.flush()


def _organization(words: str) -> UUID:
    try:
        return UUID(words)
    except ValueError:
        host = f"{words.lower()}.{settings.TENANT_SUFFIX}"
        found = Domain.objects.filter(host=host, kind=Domain.Kind.SUBDOMAIN).first()
        if found is None:
            raise CommandError(f"No organization is called {words}: give its slug or its id.") from None
        return found.organization_id
