"""Compare the ledger of bytes with the bucket, organization by organization, and name each key that differs.

Exit status 1 where anything differs. Nothing is changed unless it is asked for.
"""

from __future__ import annotations

import json
import time
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django_tenants.utils import get_tenant_model

import tenancy
from media.services import reconcile
from media.services.reconcile import Account

# An upload that ends between the listing and the rows differs for a moment; what differs after it still differs.
SECOND_LOOK_SECONDS = 5.0


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organization", type=UUID, help="only this one")
        parser.add_argument("--set-right", action="store_true", help="let ledger and meter say what the bucket holds")
        parser.add_argument(
            "--remove-orphans", action="store_true", help="remove what has been nobody's for two days, but for pictures"
        )
        parser.add_argument("--strangers", action="store_true", help="look for keys of no organization, too")

    def handle(self, *args: Any, **options: Any) -> None:
        with tenancy.platform():
            organizations = get_tenant_model().objects.exclude(state="deleted").order_by("id")
            everybody = list(organizations.values_list("id", flat=True))
            here = list(organizations.filter(cell=settings.CELL).values_list("id", flat=True))
            wanted = [options["organization"]] if options["organization"] else here
            differing = self._compare(wanted)
            for account in differing:
                self._mend(account, set_right=options["set_right"], remove=options["remove_orphans"])
            unknown = self._strangers(everybody) if options["strangers"] else 0
        if differing or unknown:
            raise CommandError(f"{len(differing)} of {len(wanted)} differ, {unknown} keys are of nobody.")
        self.stdout.write(f"{len(wanted)} organizations: ledger and bucket agree to the byte.")

    def _compare(self, wanted: list[UUID]) -> list[Account]:
        first = {organization_id: reconcile.account_for(organization_id) for organization_id in wanted}
        if any(not here.agrees for here in first.values()):
            time.sleep(SECOND_LOOK_SECONDS)
        differing = []
        for organization_id, here in first.items():
            again = here if here.agrees else reconcile.account_for(organization_id)
            self._tell(again)
            if not again.agrees:
                differing.append(again)
        return differing

    def _tell(self, here: Account) -> None:
        figures = {
            "organization": str(here.organization_id),
            "listed": here.listed,
            "counted": here.counted,
            "under_way": here.under_way,
            "archives": here.archives,
            "ledger": here.ledger,
            "meter": here.meter,
        }
        self.stdout.write(json.dumps({**figures, "agrees": here.agrees}))
        for one in here.differences:
            self.stdout.write(f"  {one.kind} {one.key}: expected {one.expected}, found {one.found}")

    def _mend(self, here: Account, *, set_right: bool, remove: bool) -> None:
        if remove:
            self.stdout.write(f"  removed {reconcile.remove_orphans(here)} orphans")
        if set_right:
            self.stdout.write(f"  the ledger moved by {reconcile.set_right(here)} bytes")

    def _strangers(self, known: list[UUID]) -> int:
        count = 0
        for found in reconcile.strangers(known):
            count += 1
            self.stdout.write(f"  stranger {found.key}: {found.size_bytes}")
        return count
