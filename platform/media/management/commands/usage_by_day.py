"""Storage, encoded seconds and delivered bytes of organizations by day (UTC), as CSV."""

from __future__ import annotations

import csv
from datetime import UTC, date, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django_tenants.utils import get_tenant_model

import tenancy
from core.clock import now
from media.services import daily

AT_ONCE = 100  # organizations
DAYS = 31


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organization", type=UUID, help="only this one")
        parser.add_argument("--since", type=date.fromisoformat, help=f"first day, default {DAYS} days before the last")
        parser.add_argument("--until", type=date.fromisoformat, help="last day, default yesterday")

    def handle(self, *args: Any, **options: Any) -> None:
        until = options["until"] or now().astimezone(UTC).date() - timedelta(days=1)
        since = options["since"] or until - timedelta(days=DAYS - 1)
        out = csv.writer(self.stdout)
        out.writerow(["organization", "day", "stored_bytes", "encoded_seconds", "delivered_bytes"])
        with tenancy.platform():
            wanted = [options["organization"]] if options["organization"] else self._organizations()
            for begin in range(0, len(wanted), AT_ONCE):
                for day in daily.days(wanted[begin : begin + AT_ONCE], since=since, until=until):
                    out.writerow(
                        [day.organization_id, day.on, day.stored_bytes, day.encoded_seconds, day.delivered_bytes]
                    )

    @staticmethod
    def _organizations() -> list[UUID]:
        rows = get_tenant_model().objects.filter(cell=settings.CELL).exclude(state="deleted").order_by("id")
        return list(rows.values_list("id", flat=True))
