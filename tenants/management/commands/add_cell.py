"""Write another cell into this cell's catalogue, or what has changed of one."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

import tenancy
from core.errors import ValidationFailed
from tenants.cells import catalogue


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="Lower case letters, digits and hyphens: what LMS_CELL says there.")
        parser.add_argument("--address", required=True, help="host:port of its front door, as ours reaches it.")
        parser.add_argument("--region", default="")
        parser.add_argument("--capacity", type=int, default=1500, help="Organizations that it may have.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with tenancy.platform():
                found = catalogue.put(
                    options["name"],
                    region=options["region"],
                    capacity=options["capacity"],
                    address=options["address"],
                )
        except ValidationFailed as refused:
            raise CommandError("; ".join(refused.errors.values())) from refused
        self.stdout.write(f"{found.name}: {found.state}, at most {found.capacity} organizations, at {found.address}")
