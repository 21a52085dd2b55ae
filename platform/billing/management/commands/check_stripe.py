"""Ask Stripe what only Stripe can answer, and print a line each. Exit 1 where something is missing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

import tenancy
from billing import gateway
from billing.subscriptions import products
from billing.subscriptions.shown import sold_versions
from core.errors import DomainError
from tenancy.hosts import public_url

WEBHOOK = "/api/v1/webhooks/stripe/"


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--live", action="store_true", help="go on with a key that moves real money")

    def handle(self, *args: Any, **options: Any) -> None:
        if not gateway.is_configured():
            raise CommandError("There is no LMS_STRIPE_SECRET_KEY.")
        if gateway.is_live() and not options["live"]:
            raise CommandError("This is a live key. With --live products, prices and meters are made there.")
        self.stdout.write(f"Stripe {settings.STRIPE_API_URL or 'itself'}, version {gateway.API_VERSION}")
        self.failed = 0
        with tenancy.platform():
            self._line("webhook secret", lambda: "set" if settings.STRIPE_WEBHOOK_SECRET else None)
            self._line("webhook endpoint", self._endpoint)
            self._line("prices and meters", lambda: f"{sum(map(products.sync, sold_versions()))} prices are there")
            self._line("events", lambda: f"readable, {sum(1 for _ in gateway.events_not_delivered())} not delivered")
            self._line("tax on a first invoice", self._tax)
        if self.failed:
            sys.exit(1)

    def _line(self, what: str, look: Callable[[], str | None]) -> None:
        try:
            found = look()
        except DomainError as refused:
            said = getattr(refused, "said", "") or refused.detail
            found, why = None, said
        else:
            why = "missing"
        self.failed += found is None
        self.stdout.write(f"{'ok  ' if found else 'FAIL'} {what}: {found or why}")

    def _endpoint(self) -> str | None:
        """Return how our endpoint is set up there, or None where it is not."""
        url = public_url(settings.SITE_HOST, WEBHOOK)
        found = next((one for one in gateway.webhook_endpoints() if one["url"] == url), None)
        if found is None:
            self.stdout.write(f"     none leads to {url}")
            return None
        return f"{found['status']}, version {found.get('api_version') or 'of the account'}"

    def _tax(self) -> str:
        """Preview a first invoice for a business abroad: made of a customer who is deleted again."""
        version = sold_versions()[0]
        prices = products.ensure(version, "eur", "month")
        key = f"check:{uuid4()}"
        address = {"country": "DE", "line1": "Hafenstr. 1", "city": "Hamburg", "postal_code": "20457"}
        customer = gateway.create_customer({"name": "A check of billing", "address": address}, key=key)
        try:
            shown = gateway.preview(
                {
                    "customer": customer["id"],
                    "currency": "eur",
                    "automatic_tax": {"enabled": True},
                    "subscription_details": {"items": [{"price": prices["seat"], "quantity": version.seats_min}]},
                }
            )
        finally:
            gateway.delete_customer(customer["id"], key=f"{key}:delete")
        return f"{shown['total']} EUR cents for {version.seats_min} seats of {version.plan.name} in Germany"
