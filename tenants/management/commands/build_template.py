"""Write tenants/schema/template.sql from the apps' migrations, or check that it is up to date."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tenants.schema import build


class Command(BaseCommand):
    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="Fail if the committed file differs.")

    def handle(self, *args: Any, **options: Any) -> None:
        sql = build.build()
        if not options["check"]:
            build.TEMPLATE_FILE.write_text(sql, encoding="utf-8")
            self.stdout.write(f"{build.TEMPLATE_FILE.name}: {len(sql)} bytes")
        elif sql != build.TEMPLATE_FILE.read_text(encoding="utf-8"):
            raise CommandError("The template does not match the migrations. Run `make template` and commit the file.")
