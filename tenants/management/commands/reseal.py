"""Seal anew, under LMS_KEK, what a key of LMS_KEK_PREVIOUS sealed (docs/operations/keys.md).

May be killed at any moment and run again. ``--check`` changes nothing. Ends with 1 while anything is sealed by an
older key, does not open, or could not be gone over.
"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.resealing import BATCH
from tenants import resealing

_NAMED = 20


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="Only count.")
        parser.add_argument("--batch", type=int, default=BATCH, help="Rows a transaction.")

    def handle(self, *args: Any, **options: Any) -> None:
        write = not options["check"]
        report = resealing.reseal(write=write, say=self._say, batch=max(1, options["batch"]))
        for kind, current in report.current.items():
            verb = "sealed anew" if write else "sealed by an older key"
            self._say(f"{kind}: {report.older[kind]} {verb}, {current} by the present one")
        self._say(f"{report.organizations} organizations")
        wrong = [f"{broken} does not open with any key" for broken in report.broken]
        wrong += [f"{name} was left out: it is {why}" for name, why in report.left_out.items()]
        if not write and (older := sum(report.older.values())):
            wrong.append(f"{older} are sealed by an older key: run reseal")
        for line in wrong[:_NAMED]:
            self.stderr.write(line)
        if wrong:
            raise CommandError(f"{len(wrong)} to look at. Keep LMS_KEK_PREVIOUS until this ends with 0.")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
