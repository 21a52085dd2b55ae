"""``manage.py progress rebuild [--check] --host acme.example.com``: prove or restore the stored progress numbers."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

import tenancy
from apps.progress.services import rebuild
from tenancy import catalog


class Command(BaseCommand):
    help = "Compare stored progress with the facts and watch maps it follows from; --check writes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["rebuild"])
        parser.add_argument("--check", action="store_true", help="report differences and exit 1 if there are any")
        parser.add_argument("--host", required=True, help="a host of the organization")

    def handle(self, *args: Any, **options: Any) -> None:
        entry = catalog.resolve(options["host"])
        if entry is None:
            raise CommandError(f"No organization is at {options['host']}.")
        seen = differing = 0
        with tenancy.bind(entry.tenant):
            for enrollment_id in rebuild.every_enrollment():
                found = rebuild.check(enrollment_id) if options["check"] else rebuild.rebuild(enrollment_id)
                seen += 1
                differing += bool(found)
                for one in found:
                    self.stdout.write(f"{enrollment_id} {one.what}: stored {one.stored}, computed {one.computed}")
        self.stdout.write(f"{seen} enrollments, {differing} with differences")
        if options["check"] and differing:
            raise CommandError("Stored progress does not follow from what was done.")
