"""Write the price list to the database. Safe to repeat; every deployment does it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

import tenancy
from billing.errors import PlanDrift
from billing.offers import sync_plans


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with tenancy.platform():
                made = sync_plans()
        except PlanDrift as drift:
            raise CommandError(str(drift)) from drift
        self.stdout.write(f"New: {', '.join(made)}." if made else "The rows say what the catalogue says.")
