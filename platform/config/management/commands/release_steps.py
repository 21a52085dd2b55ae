"""Do what a release needs before its code may serve: template, canaries, fleet. One line of JSON a step.

Run with the new image and the owning login, while the code before serves. Safe to kill and to repeat. Ends with 0 where
the new code may be started (with --until: where the steps so far are done), 1 where another run may do, 2 where
somebody has to look.
"""

from __future__ import annotations

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import release


class Command(BaseCommand):
    help = __doc__
    requires_system_checks: list[str] = []  # the first step makes them, against the settings of a deployment

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--until", choices=release.NAMES, default=release.NAMES[-1], help="Go as far as this step.")
        parser.add_argument("--list", action="store_true", help="Say what the steps are, and do nothing.")
        parser.add_argument("--workers", type=int, default=2, help="How many organizations at a time.")
        parser.add_argument("--budget", type=float, default=2.0, help="Percent of a ring that may fail.")
        parser.add_argument("--resume", action="store_true", help="Go on after the fleet stopped or was paused.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            for step in release.STEPS:
                self.stdout.write(f"{step.name:9} {step.title}")
            return
        if not settings.OWNER_DATABASE_URL:
            raise CommandError("Set LMS_OWNER_DATABASE_URL: a release needs the login that owns the schemas.")
        chosen = {name: options[name] for name in ("workers", "budget", "resume")}
        status = 0
        for report in release.run(until=options["until"], yes=True, **chosen):
            self.stdout.write(report.line())
            self.stdout.flush()
            status = release.STATUS[report.state]
        if status:
            sys.exit(status)
