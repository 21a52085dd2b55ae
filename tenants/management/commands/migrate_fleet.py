"""Bring every organization's schema to the release of this code: canaries, a tenth, everybody.

Safe to kill and to repeat. Ends with 0 where the fleet is whole, or with --ring every ring as far as that one; 1 where
organizations failed or were busy, 2 where it stopped or may not begin. Needs the owning login, and `prepare_database`
of the same code before it.
"""

from __future__ import annotations

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

import tenancy
from core.errors import DomainError
from tenants.fleet import desk, rings, runner
from tenants.fleet.rings import Ring
from tenants.fleet.runner import Options, Progress, Result
from tenants.fleet.step import Policy
from tenants.schema import releases
from tenants.schema.apply import Limits

_SHOWN = 20


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--plan", action="store_true", help="Show what would be done, and do nothing.")
        parser.add_argument("--ring", choices=Ring.values, default=Ring.ALL, help="Go as far as this ring.")
        parser.add_argument("--resume", action="store_true", help="Go on after a stop or a pause; asks first.")
        parser.add_argument("--yes", action="store_true", help="Answer --resume's question beforehand.")
        parser.add_argument("--workers", type=int, default=2, help="How many organizations at a time.")
        parser.add_argument("--budget", type=float, default=2.0, help="Percent of a ring that may fail.")
        parser.add_argument("--lock-ms", type=int, default=Limits().lock_ms, help="Longest wait for a lock.")
        parser.add_argument("--statement-ms", type=int, default=Limits().statement_ms, help="Longest statement.")
        parser.add_argument("--attempts", type=int, default=Policy().attempts, help="Tries where a lock is not given.")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.OWNER_DATABASE_URL:
            raise CommandError("Set LMS_OWNER_DATABASE_URL: changing schemas needs the login that owns them.")
        self._refuse_nonsense(options)
        if options["plan"]:
            self._plan()
            return
        if options["resume"]:
            self._ask(options["yes"])
        policy = Policy(Limits(options["lock_ms"], options["statement_ms"]), options["attempts"])
        chosen = Options(
            workers=options["workers"],
            until=Ring(options["ring"]),
            budget_permille=round(options["budget"] * 10),
            policy=policy,
        )
        try:
            result = runner.run(chosen, report=self._report, go_on=options["resume"])
        except runner.NotGoingOn as refused:
            raise CommandError(
                f"{refused} Put right what failed, then run it with --resume.", returncode=2
            ) from refused
        except (DomainError, LookupError) as refused:
            raise CommandError(str(refused), returncode=2) from refused
        except KeyboardInterrupt:
            raise CommandError("Interrupted; nobody is half-way. Go on with --resume.", returncode=2) from None
        self._conclude(result, chosen.until)

    @staticmethod
    def _refuse_nonsense(options: dict[str, Any]) -> None:
        for name in ("workers", "lock_ms", "statement_ms", "attempts"):
            if options[name] < 1:
                raise CommandError(f"--{name.replace('_', '-')} must be at least 1.")
        if not 0 <= options["budget"] <= 100:
            raise CommandError("--budget is a percentage: 0 to 100.")

    def _plan(self) -> None:
        newest = releases.newest()
        with tenancy.schema_owner():
            behind = rings.behind(newest.number)
            drawn = list(rings.draw(newest.number, behind).values())
        self.stdout.write(f"Release {newest.number} {newest.name}: {len(behind)} organizations are behind.")
        for ring in rings.RINGS if behind else ():
            self.stdout.write(f"  {ring:7} {drawn.count(ring):6}")
        self.stdout.write(newest.sql)

    def _ask(self, yes: bool) -> None:
        with tenancy.schema_owner():
            line = desk.release_line(releases.newest().number)
        self.stdout.write(f"Release {line.number} {line.name} is {line.state}. {line.reason}")
        failed = line.total("failed")
        self.stdout.write(f"{failed} failed; they are tried again first. Then the others follow.")
        if yes:
            return
        if not sys.stdin.isatty():
            raise CommandError("Nobody is there to ask: add --yes.", returncode=2)
        if input("Go on? [y/N] ").strip().lower() not in ("y", "yes"):
            raise CommandError("Nothing was done.", returncode=2)

    def _report(self, progress: Progress) -> None:
        rate = progress.done / progress.seconds if progress.seconds else 0
        self.stdout.write(
            f"  {progress.ring:7} {progress.done:6} of {progress.total}"
            f"  failed {progress.failed}  waiting {progress.waiting}  {progress.seconds:.1f} s  {rate:.0f}/s"
        )
        self.stdout.flush()

    def _conclude(self, result: Result, until: Ring) -> None:
        words = f"Release {result.release}: {result.done} done in {result.seconds:.1f} s"
        if result.is_whole:
            self.stdout.write(f"{words}. The fleet is whole.")
            return
        self.stdout.write(f"{words}, {result.failed} failed, {result.behind} behind. {result.reason}".rstrip())
        asked = rings.RINGS[: rings.RINGS.index(until) + 1]
        with tenancy.schema_owner():
            left = desk.organization_rows(result.release).filter(ring__in=asked).exclude(state="done").exists()
            for row in desk.organization_rows(result.release, state="failed").order_by("id")[:_SHOWN]:
                self.stdout.write(f"  {row.organization_id} {row.organization.name}: {row.error.splitlines()[0]}")
        if result.state == "waiting" and not left:
            return
        stopped = result.state in ("stopped", "paused")
        sys.exit(2 if stopped else 1)
