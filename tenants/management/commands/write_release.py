"""Write the next release of the organization schema from the migrations that are new, to be reviewed by hand."""

from __future__ import annotations

import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tenants.schema import write


class Command(BaseCommand):
    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="What the release is about: archived_courses.")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["name"]
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise CommandError("The name is lower case letters, digits and underscores: archived_courses.")
        try:
            written = write.write(name)
        except write.NothingNew:
            raise CommandError("The migrations make the committed template: there is nothing to release.") from None
        except write.TemplateMovedOn as moved:
            raise CommandError(str(moved)) from moved
        self.stdout.write(f"{written.path.name}: {', '.join(written.migrations) or 'no migration'}. Review it:")
        self.stdout.write("  nothing that the code before cannot live with; no statement that holds a lock for long;")
        self.stdout.write("  data in a step of its own (DATA_STEPS), never in here.")
        for found in written.by_hand:
            self.stderr.write(f"  {found} holds more than SQL: write by hand what it does to tables.")
