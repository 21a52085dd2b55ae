"""Write the price list to the database. Safe to repeat; every deployment does it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

import tenancy
from billing.errors import PlanDrift
from billing.offers import sync_plans
from billing.subscriptions import products
from billing.subscriptions.shown import sold_versions


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--stripe", action="store_true", help="make every price at the payment provider, too")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with tenancy.platform():
                made = sync_plans()
        except PlanDrift as drift:
            raise CommandError(str(drift)) from drift
        self.stdout.write(f"New: {', '.join(made)}." if made else "The rows say what the catalogue says.")
        if options["stripe"]:
            with tenancy.platform():
                made_there = sum(products.sync(version) for version in sold_versions())
            self.stdout.write(f"{made_there} prices are at the payment provider.")
