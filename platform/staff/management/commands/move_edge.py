"""Move an organization's media between a shared distribution (pooled) and a distribution tenant, or say how it stands.

Nobody who plays is cut off: it takes as long as grants live, about five hours. The strategy that is left calls a move
off, before the hosts have gone over.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

import tenancy
from core.acting import Acting, acting
from core.errors import DomainError, NotFound
from media import api as media
from staff import audit


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("organization", nargs="?", help="id or address, such as acme.lms.example")
        parser.add_argument(
            "--template", action="store_true", help="with --rotate: the key that all distribution tenants share"
        )
        parser.add_argument("--to", choices=["pooled", "distribution_tenant"], help="without it: how it stands")
        parser.add_argument("--rotate", action="store_true", help="let the next signing key sign instead of moving")
        parser.add_argument("--at-once", action="store_true", help="with --rotate: the old key got out, drop it now")
        parser.add_argument("--reason", default="", help="why; kept in the platform's record")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["template"] != (options["organization"] is None) or (options["template"] and not options["rotate"]):
            raise CommandError("Name an organization; or say --template --rotate.")
        with tenancy.platform(), acting(Acting(kind="system", name="move_edge", via="command")):
            if options["template"]:
                self._rotate_template(options)
                return
            organization_id = self._find(options["organization"])
            if options["to"] or options["rotate"]:
                if not options["reason"].strip():
                    raise CommandError("Say why: --reason.")
                self._act(organization_id, options)
            for name, value in media.edge_standing(organization_id).items():
                self.stdout.write(f"{name + ':':14}{value}")

    def _find(self, given: str) -> UUID:
        try:
            return UUID(given)
        except ValueError:
            pass
        try:
            return media.edge_by_host(given)
        except NotFound as unknown:
            raise CommandError(unknown.detail) from unknown

    def _rotate_template(self, options: dict[str, Any]) -> None:
        if not options["reason"].strip():
            raise CommandError("Say why: --reason.")
        changes = {"at_once": [None, options["at_once"]]}
        try:
            with transaction.atomic():
                template = media.rotate_edge_template(at_once=options["at_once"])
                audit.record("edge.rotate_template", changes=changes, reason=options["reason"])
        except DomainError as refused:
            raise CommandError(refused.detail) from refused
        self.stdout.write(f"The next key of {template}'s distribution tenants signs.")

    def _act(self, organization_id: UUID, options: dict[str, Any]) -> None:
        before = media.edge_standing(organization_id)["strategy"]
        try:
            with transaction.atomic():
                if options["rotate"]:
                    media.rotate_edge(organization_id, at_once=options["at_once"])
                    action, changes = "edge.rotate", {"at_once": [None, options["at_once"]]}
                else:
                    media.move_edge(organization_id, options["to"])
                    action, changes = "edge.move", {"strategy": [before, options["to"]]}
                audit.record(action, organization_id=organization_id, changes=changes, reason=options["reason"])
        except DomainError as refused:
            raise CommandError(refused.detail) from refused
