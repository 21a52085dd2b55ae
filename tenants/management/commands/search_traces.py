"""Search every store for what is left of an organization; exit status 1 where there is something."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

import tenancy
from tenants.archive import traces
from tenants.models import Domain, Organization


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("organization", type=UUID)
        parser.add_argument("--host", action="append", default=[], help="A host beside those that the domains name.")
        parser.add_argument(
            "--word", action="append", default=[], help="Its name, or the address of one of its people."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.OWNER_DATABASE_URL:
            raise CommandError("Set LMS_OWNER_DATABASE_URL: only the login that owns the database sees every table.")
        with tenancy.platform():
            found = Organization.objects.filter(id=options["organization"]).first()
            if found is None:
                raise CommandError("There is no such organization.")
            hosts = {*Domain.objects.filter(organization=found).values_list("host", flat=True), *options["host"]}
            needles = traces.Needles(
                found.id, found.schema_name, found.db_role, tuple(sorted(hosts)), tuple(options["word"])
            )
            seen = traces.search(needles)
        self.stdout.write(json.dumps(seen, indent=1, default=str))
        if seen["left"]:
            raise CommandError(f"{seen['left']} traces are left.")
