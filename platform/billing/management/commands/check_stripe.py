"""Ask Stripe what only Stripe can answer, and print a line each. Exit 1 where something is missing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

import tenancy
from billing import gateway
from billing.errors import PaymentRefused
from billing.models import PlanVersion
from billing.subscriptions import changes, products
from billing.subscriptions.fold import is_born
from billing.subscriptions.shown import sold_versions
from core.errors import DomainError
from tenancy.hosts import public_url

WEBHOOK = "/api/v1/webhooks/stripe/"
CURRENCY = "eur"
# Stripe's test card whose bank asks at every payment.
ASKS = "pm_card_authenticationRequired"


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
            self._line("customer portal", self._portal)
            self._line("a bank that asks (3-D Secure)", self._confirmation)
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
        """Preview a first invoice for a business abroad."""
        version = sold_versions()[0]
        with _customer() as customer:
            shown = gateway.preview(
                {
                    "customer": customer,
                    "currency": CURRENCY,
                    "automatic_tax": {"enabled": True},
                    "subscription_details": {"items": _seats(version)},
                }
            )
        return f"{shown['total']} EUR cents for {version.seats_min} seats of {version.plan.name} in Germany"

    def _portal(self) -> str:
        """Open the portal where a card is typed and confirmed, and led back from, as after a refused change."""
        with _customer() as customer:
            page = public_url(settings.SITE_HOST, "/")
            after = {"type": "redirect", "redirect": {"return_url": page}}
            flow = {"type": "payment_method_update", "after_completion": after}
            gateway.create_portal(
                {"customer": customer, "return_url": page, "flow_data": flow}, key=f"check:{uuid4()}:portal"
            )
        return "opens, with the way back"

    def _confirmation(self) -> str | None:
        """Buy with a card whose bank asks at every payment: refused with a word that we know, and nothing begun."""
        if gateway.is_live():
            return "not asked: a live key takes no test card"
        card = {"payment_method": ASKS, "invoice_settings": {"default_payment_method": ASKS}}
        with _customer(**card) as customer:
            terms = {
                "customer": customer,
                "items": _seats(sold_versions()[0]),
                "payment_behavior": "error_if_incomplete",
                "off_session": True,
            }
            try:
                gateway.create_subscription(terms, key=f"check:{uuid4()}:asks")
            except PaymentRefused as refused:
                reason = refused.members.get("reason")
                if reason not in changes.OWNER_IS_ASKED:
                    raise
                begun = [one for one in gateway.subscriptions_of(customer) if is_born(one)]
                return None if begun else f"refused with {reason}, and nothing begun"
        return None


@contextmanager
def _customer(**more: Any) -> Iterator[str]:
    """Yield a customer in Germany who is deleted again, with whatever was made of them."""
    key = f"check:{uuid4()}"
    address = {"country": "DE", "line1": "Hafenstr. 1", "city": "Hamburg", "postal_code": "20457"}
    made = gateway.create_customer({"name": "A check of billing", "address": address, **more}, key=key)
    try:
        yield made["id"]
    finally:
        gateway.delete_customer(made["id"], key=f"{key}:delete")


def _seats(version: PlanVersion) -> list[dict[str, Any]]:
    return [{"price": products.ensure(version, CURRENCY, "month")["seat"], "quantity": version.seats_min}]
