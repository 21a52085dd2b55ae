"""Hold organizations' audits against their seals: every organization, or those whose slugs are given."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

import tenancy
from apps.audit import sealing
from tenants.api import serving_organizations


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("slugs", nargs="*", help="Only these organizations.")

    def handle(self, *args: Any, **options: Any) -> None:
        with tenancy.platform():
            records = serving_organizations()
        wanted = set(options["slugs"])
        if unknown := wanted - {record.slug for record in records}:
            raise CommandError(f"No serving organization is called {', '.join(sorted(unknown))}.")
        broken = 0
        for record in records:
            if wanted and record.slug not in wanted:
                continue
            with tenancy.bind(record):
                verdict = sealing.verify()
            print(
                f"{record.slug}: {verdict.entries} entries, {verdict.sealed} under {verdict.seals} seals, "
                f"{verdict.erased} erased words, {'whole' if verdict.whole else 'BROKEN'}, head {verdict.last_hash}"
            )
            for fault in verdict.faults:
                print(f"  {fault}")
            broken += not verdict.whole
        if broken:
            raise CommandError(f"{broken} audit{'s are' if broken > 1 else ' is'} not as written.")
