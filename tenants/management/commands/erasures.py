"""The ledger of erasures, for when the whole database is put back to an earlier moment (docs/operations/backups.md).

``erasures --since <time>`` writes it as JSON lines; ``erasures --again <file>`` makes them again in what came back.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

import tenancy
from tenants import erasures


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", type=_moment, help="Only those since then, ISO 8601. Default: all.")
        parser.add_argument("--again", type=Path, help="A file that this command wrote: erase them all again.")

    def handle(self, *args: Any, **options: Any) -> None:
        with tenancy.platform():
            if options["again"] is None:
                for line in erasures.written(options["since"]):
                    self.stdout.write(json.dumps(line))
                return
            try:
                lines = [json.loads(line) for line in options["again"].read_text().splitlines() if line]
            except (OSError, ValueError) as unreadable:
                raise CommandError(f"{options['again']} cannot be read: {unreadable}") from unreadable
            again, before = erasures.make_again(lines)
        self.stdout.write(f"{again} erased again, {before} had nothing left to erase.")


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
